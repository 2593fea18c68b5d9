"""How a lane is called, by people and on the command line."""

from __future__ import annotations

from ..registry import Lane


def label(lane: Lane) -> str:
    """A lane as people read it; of the single business without a source."""
    return f"{lane.handler} {lane.target}".rstrip() + (f" [{lane.source}]" if lane.source else "")


def public_label(lane: Lane) -> str:
    """For what anybody may read: of a recipient's address its domain alone."""
    local, at, domain = lane.target.rpartition("@")
    return label(lane._replace(target=f"…@{domain}") if at and local else lane)


def options(lane: Lane) -> str:
    target = f"--target {lane.target}" if lane.target else ""
    return " ".join(filter(None, (f"--handler {lane.handler}", target, of_source(lane.source))))


def of_source(source: str) -> str:
    return f"--source {source}" if source else ""
