"""The ways by which somebody is told, as people see them, and a test of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..registry import Activation, Notice
from .alert_texts import title
from .outbox import channel, send


@dataclass(frozen=True, kw_only=True)
class Way:
    """One recipient of one notifier; or a notifier that is off or misconfigured, with what is missing."""

    name: str
    state: str
    why: str = ""
    problem: str = ""  # that a test met
    activation: Activation = field(repr=False)
    target: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "state": self.state, "why": self.why, "problem": self.problem}


def ways_to_tell(activations: Sequence[Activation]) -> list[Way]:
    return [
        Way(
            name=channel(activation, target),
            state=activation.state,
            why=activation.why,
            activation=activation,
            target=target,
        )
        for activation in activations
        for target in (activation.targets if activation.state == "on" else ("",))
    ]


def tell_test(ways: Sequence[Way], language: str, now_us: int) -> list[Way]:
    """Send a test by each that is on; the same ways, with what it met."""
    notice = Notice(
        key=f"test-{now_us:x}",
        kind="test",
        title=title("test", language),
        lines=(title("do", language, do=title("test_do", language)),),
        language=language,
        at_us=now_us,
        items=({"state": "test"},),
    )
    return [
        replace(way, problem=send(way.activation, way.target, notice)) if way.state == "on" else way for way in ways
    ]
