"""Which deliveries a handler gets, narrowed without code: SLACK_EVENTS=lead.created, FORWARD_URGENCY=high."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import ConfigurationError
from ..events import EVENTS, Event

OTHER = "other"  # in …_EVENTS: every event that this version does not know


@dataclass(frozen=True)
class Filter:
    """Empty lets everything through."""

    events: frozenset[str] = frozenset()
    urgencies: frozenset[str] = frozenset()
    names: tuple[str, str] = ("", "")  # the two variables

    def takes(self, event: str) -> bool:
        return not self.events or (event if event in EVENTS else OTHER) in self.events

    def objection(self, event: Event) -> str:
        """Why this event is skipped; "" where it is not. An event that names no urgency passes."""
        urgency = (getattr(event, "urgency", None) or "").strip().lower()
        if not self.urgencies or not urgency or urgency in self.urgencies:
            return ""
        return f"{self.names[1]} does not name this urgency"


def read_filter(module: str, env: Mapping[str, str]) -> Filter:
    """What a handler's two variables say. Raises ConfigurationError for an event that does not exist."""
    names = f"{module.upper()}_EVENTS", f"{module.upper()}_URGENCY"
    events, urgencies = (frozenset(env.get(name, "").lower().replace(",", " ").split()) for name in names)
    if unknown := sorted(events - EVENTS.keys() - {OTHER}):
        names_of_events = ", ".join([*EVENTS, OTHER])
        raise ConfigurationError(f"{names[0]} names {', '.join(unknown)[:100]}, which is none of: {names_of_events}")
    return Filter(events, urgencies, names)
