"""How a lane is called, by people and on the command line."""

from __future__ import annotations

from ..locales import Text, Texts
from ..registry import Lane

# fmt: off
TEXTS = Texts({
    "google_sheets": ("Google Sheets", "Google Sheets"),
    "hubspot":       ("HubSpot", "HubSpot"),
    "n8n":           ("n8n", "n8n"),
    "forward":       ("your URL", "tu URL"),
    "email":         ("e-mail", "correo"),
    "console":       ("the log", "el registro"),
})
# fmt: on


def label(lane: Lane) -> str:
    """A lane as the command line takes it; of the single business without a source."""
    return f"{lane.handler} {lane.target}".rstrip() + (f" [{lane.source}]" if lane.source else "")


def public_label(lane: Lane) -> str:
    """For what anybody may read: of a recipient's address its domain alone."""
    local, at, domain = lane.target.rpartition("@")
    return label(lane._replace(target=f"…@{domain}") if at and local else lane)


def place_of(handler: str) -> Text | str:
    """Where a handler brings a call to, as people call it."""
    module = handler.partition(".")[0]
    return TEXTS(module) if module in TEXTS.table else module.replace("_", " ").title()


def options(lane: Lane, *, several: bool = False) -> str:
    target = f"--target {lane.target}" if lane.target else ""
    return " ".join(filter(None, (f"--handler {lane.handler}", target, of_source(lane.source, several=several))))


def of_source(source: str, *, several: bool = False) -> str:
    """The option for one business; with `several` the one of the environment is named too, or all would be meant."""
    return f"--source {source}" if source else "--source ''" if several else ""
