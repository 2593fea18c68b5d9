"""Which tab an event goes to, which columns a new tab gets, and where an owner's own first row has them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from receiver import AppointmentBooked, CallCompleted, CallTransferred, ConfigurationError, Event, LeadCreated

OTHER = "other"  # every event that this version does not know
TAB_CHARS = 100  # of a tab's name, by Google's rule
KEY = "delivery_id"
TABS = {
    "call.completed": "Calls",
    "call.transferred": "Transfers",
    "appointment.booked": "Appointments",
    "lead.created": "Leads",
    OTHER: "Other",
}
# What a person looks for first stands on the left; the id, which only the receiver reads, on the right.
FIRST = ("received_at", "caller_name", "caller_phone")
LAST = ("event", "call_id", KEY)
COLUMNS: dict[str, tuple[str, ...]] = {
    "call.completed": (
        "caller_email", "summary", "intent", "urgency", "duration_seconds", "started_at", "ended_at", "recording_url",
    ),
    "call.transferred": (
        "summary", "urgency", "transferred_to_label", "transferred_to_number", "reason", "duration_seconds",
    ),
    "appointment.booked": (
        "service_type", "appointment_date", "appointment_time_start", "appointment_time_end", "calendar_event_link",
    ),
    "lead.created": ("caller_email", "interest", "intent", "urgency", "call_summary"),
    OTHER: ("data",),
}  # fmt: skip
KINDS: tuple[type[Event], ...] = (CallCompleted, CallTransferred, AppointmentBooked, LeadCreated)
FIELDS = tuple(dict.fromkeys(["received_at", *(f.name for kind in KINDS for f in fields(kind))]))


@dataclass(frozen=True, kw_only=True)
class Layout:
    tabs: Mapping[str, str]  # an event's name, or `other`: the tab's name
    names: Mapping[str, str]  # a field: what its column is called, where that is something else

    def tab(self, event: str) -> str:
        return self.tabs.get(event, self.tabs[OTHER])

    def header(self, tab: str) -> list[str]:
        """The first row of a new tab: the columns of all events that go there."""
        middle = [field for event, columns in COLUMNS.items() if self.tabs[event] == tab for field in columns]
        return [self.names.get(field, field) for field in dict.fromkeys([*FIRST, *middle, *LAST])]

    def places(self, header: Sequence[str]) -> dict[str, int]:
        """Where each field goes: to the column with the name chosen for it, else to that with its own name.

        The first of two columns of one name is taken; a column is never taken twice.
        """
        free = {alike(name): place for place, name in reversed(list(enumerate(header))) if alike(name)}
        chosen = {field: free.pop(alike(name)) for field, name in self.names.items() if alike(name) in free}
        return chosen | {f: free[alike(f)] for f in FIELDS if f not in chosen and alike(f) in free}


def alike(name: str) -> str:
    """A column's name without what people vary: case, spaces around and inside, underscores, ways to write é."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split())


def read_layout(settings: Mapping[str, str]) -> Layout:
    """What the two variables say. Raises ConfigurationError where they name what does not exist."""
    tabs = {**TABS, **pairs("GOOGLE_SHEETS_TABS", settings, TABS)}
    names = pairs("GOOGLE_SHEETS_COLUMNS", settings, FIELDS)
    if too_long := [name for name in tabs.values() if len(name) > TAB_CHARS]:
        raise ConfigurationError(f"GOOGLE_SHEETS_TABS: {too_long[0][:20]}… is longer than {TAB_CHARS} characters")
    if len({alike(name) for name in names.values()}) < len(names):
        raise ConfigurationError("GOOGLE_SHEETS_COLUMNS gives two fields the same name: each needs a column of its own")
    first: dict[str, str] = {}  # Google takes Leads and leads for the same tab
    return Layout(tabs={event: first.setdefault(name.casefold(), name) for event, name in tabs.items()}, names=names)


def pairs(variable: str, settings: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """`a=b, c=d` as a mapping."""
    values: dict[str, str] = {}
    for part in filter(str.strip, settings[variable].split(",")):
        key, equals, name = (text.strip() for text in part.partition("="))
        if not equals or not name:
            raise ConfigurationError(f"{variable} should look like name=text, name=text; it has {part.strip()[:50]!r}")
        if key not in keys:
            raise ConfigurationError(f"{variable} names {key[:50]!r}, which is none of: {', '.join(keys)}")
        values[key] = name
    return values
