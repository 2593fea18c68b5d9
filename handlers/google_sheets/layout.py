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
# A row for each call has what its events know together.
OF_A_CALL = (
    "caller_email", "summary", "intent", "urgency", "service_type", "appointment_time_start", "interest",
    "transferred_to_label", "reason", "duration_seconds", "recording_url", "calendar_event_link",
)  # fmt: skip
# For the people who work there: a new tab has these on the right of all others, and nothing is ever written into them.
STATUS = "status"
STAFF = (STATUS, "called_back_by", "notes")
STATUSES = {
    "en": ("To call back", "No answer", "Called back", "Done"),
    "es": ("Por llamar", "No contesta", "Llamado", "Hecho"),
}
EVENTS, CALLS = "events", "calls"
KINDS: tuple[type[Event], ...] = (CallCompleted, CallTransferred, AppointmentBooked, LeadCreated)
FIELDS = tuple(dict.fromkeys(["received_at", *(f.name for kind in KINDS for f in fields(kind))]))


@dataclass(frozen=True, kw_only=True)
class Layout:
    tabs: Mapping[str, str]  # an event's name, or `other`: the tab's name
    names: Mapping[str, str]  # a field: what its column is called, where that is something else
    per_call: bool = False  # one row for each call, not for each event
    statuses: Sequence[str] = STATUSES["en"]

    def tab(self, event: str) -> str:
        known = "call.completed" if self.per_call and event in TABS and event != OTHER else event
        return self.tabs.get(known, self.tabs[OTHER])

    def is_of_calls(self, tab: str) -> bool:
        return self.per_call and tab == self.tab("call.completed")

    def header(self, tab: str) -> list[str]:
        """The first row of a new tab: the columns of all events that go there, then those of the staff."""
        return list(self.columns(tab).values())

    def columns(self, tab: str) -> dict[str, str]:
        """Of a new tab: each field, and what its column is called."""
        middle = [field for event, fields in COLUMNS.items() if self.tab(event) == tab for field in fields]
        middle = [*OF_A_CALL, *(["data"] if self.tab(OTHER) == tab else [])] if self.is_of_calls(tab) else middle
        ours = {field: self.names.get(field, field) for field in [*FIRST, *middle, *LAST]}
        taken = set(map(alike, ours.values()))
        staff = {field: name for field in STAFF if alike(name := self.names.get(field, field)) not in taken}
        return ours | staff

    def places(self, header: Sequence[str]) -> dict[str, int]:
        """Where each field goes: to the column with the name chosen for it, else to that with its own name.

        The first of two columns of one name is taken; a column is never taken twice.
        """
        free = {alike(name): place for place, name in reversed(list(enumerate(header))) if alike(name)}
        ours = {field: alike(name) for field, name in self.names.items() if field not in STAFF}
        chosen = {field: free.pop(name) for field, name in ours.items() if name in free}
        return chosen | {f: free[alike(f)] for f in FIELDS if f not in chosen and alike(f) in free}


def alike(name: str) -> str:
    """A column's name without what people vary: case, spaces around and inside, underscores, ways to write é."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split())


def read_layout(settings: Mapping[str, str]) -> Layout:
    """What the variables say. Raises ConfigurationError where they name what does not exist."""
    tabs = {**TABS, **pairs("GOOGLE_SHEETS_TABS", settings, TABS)}
    names = pairs("GOOGLE_SHEETS_COLUMNS", settings, [*FIELDS, *STAFF])
    rows_of = settings["GOOGLE_SHEETS_LAYOUT"].strip().casefold()
    if rows_of not in (EVENTS, CALLS):
        raise ConfigurationError(
            f"GOOGLE_SHEETS_LAYOUT should be {EVENTS}, for a row for each event, or {CALLS}, for one for each call"
        )
    if too_long := [name for name in tabs.values() if len(name) > TAB_CHARS]:
        raise ConfigurationError(f"GOOGLE_SHEETS_TABS: {too_long[0][:20]}… is longer than {TAB_CHARS} characters")
    if len({alike(name) for name in names.values()}) < len(names):
        raise ConfigurationError("GOOGLE_SHEETS_COLUMNS gives two fields the same name: each needs a column of its own")
    first: dict[str, str] = {}  # Google takes Leads and leads for the same tab
    return Layout(
        tabs={event: first.setdefault(name.casefold(), name) for event, name in tabs.items()},
        names=names,
        per_call=rows_of == CALLS,
        statuses=STATUSES[settings["BUSINESS_LANGUAGE"]],
    )


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
