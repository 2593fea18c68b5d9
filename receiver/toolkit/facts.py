"""What the events of one call say, taken together, free of what is not text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..events import AppointmentBooked, CallCompleted, CallTransferred, Event, LeadCreated
from .readable import read_time, shown_phone

# What to believe first where two events of a call differ; among those of a kind, the newest.
BELIEVED = (CallCompleted, LeadCreated, CallTransferred, AppointmentBooked)
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
EMAIL = re.compile(r"[^\s@<>\"',;:()]{1,64}@[^\s@<>\"',;:()]+\.[^\s@<>\"',;:().]{2,}")
# NUL and other controls (not tab, newline), what turns the direction of writing, half characters
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NAME_CHARS, TITLE_CHARS, URL_CHARS = 80, 250, 1000


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who called. `phone` is in E.164, `email` in lower case; "" is unknown, and never erases what is there."""

    phone: str = ""
    email: str = ""
    name: str = ""
    is_lead: bool = False
    at: datetime  # when they called


@dataclass(frozen=True, kw_only=True)
class Activity:
    """What was said or done; `deliveries` are the ids of those that it is made from."""

    title: str
    at: datetime
    text: str = ""
    deliveries: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Call(Activity):
    phone: str = ""  # as it came
    seconds: int | None = None
    recording_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Booking(Activity):
    """A booked appointment. `start` is None where the event names no time that can be read."""

    start: datetime | None = None
    end: datetime | None = None
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Note(Activity):
    """What is known of a lead."""


def believed(events: Sequence[Event]) -> list[Event]:
    """In an order that does not depend on the one in which they came: what to believe first comes first."""
    newest = sorted(events, key=lambda one: (one.timestamp or "", one.delivery_id), reverse=True)
    return sorted(newest, key=lambda one: next((n for n, k in enumerate(BELIEVED) if isinstance(one, k)), 9))


def caller(events: Sequence[Event], received: datetime) -> Person:
    phones = [re.sub(r"[\s().-]", "", one.caller_phone or "") for one in events]
    emails = [(getattr(one, "caller_email", None) or "").strip().lower() for one in events]
    return Person(
        phone=next((one for one in phones if E164.fullmatch(one)), ""),
        email=next((one for one in emails if len(one) <= 254 and EMAIL.fullmatch(one) and plain(one) == one), ""),
        name=line(events, "caller_name")[:NAME_CHARS],
        is_lead=any(isinstance(one, LeadCreated) for one in events),
        at=moment(events, "started_at", "timestamp") or received,
    )


def call_of(events: Sequence[Event], received: datetime) -> Call:
    """One call, whether it was reported as completed, as transferred, or as both."""
    calls = [one for one in events if isinstance(one, CallCompleted | CallTransferred)]
    transfer = [one for one in calls if isinstance(one, CallTransferred)]
    to = f" → {line(transfer, 'transferred_to_label') or 'a colleague'}" if transfer else ""
    facts = [("Intent", "intent"), ("Urgency", "urgency"), ("Transferred because", "reason")]
    return Call(
        title=f"Call from {who(calls)[:NAME_CHARS]}{to}"[:TITLE_CHARS],
        at=moment(calls, "started_at", "timestamp") or received,
        text=text_of(calls, ["summary"], facts),
        deliveries=deliveries(calls),
        phone=line(calls, "caller_phone")[:NAME_CHARS],
        seconds=duration(calls),
        recording_url=link(calls, "recording_url"),
    )


def duration(events: Sequence[CallCompleted | CallTransferred]) -> int | None:
    """The first that is believable: at most ten days."""
    seconds = (one.duration_seconds for one in events)
    return next((found for found in seconds if found is not None and 0 <= found < 864_000), None)


def booking_of(events: Sequence[Event], received: datetime) -> Booking:
    start, end = moment(events, "appointment_time_start"), moment(events, "appointment_time_end")
    return Booking(
        title=f"{line(events, 'service_type')[:NAME_CHARS] or 'Appointment'}: {who(events)}"[:TITLE_CHARS],
        at=start or moment(events, "timestamp") or received,
        text=text_of(events, [], [("Date", "appointment_date")] if start is None else []),
        deliveries=deliveries(events),
        start=start,
        end=end if start and end and end > start else None,
        link=link(events, "calendar_event_link"),
    )


def note_of(events: Sequence[Event], received: datetime) -> Note:
    events = [one for one in events if isinstance(one, LeadCreated)]
    facts = [("Interest", "interest"), ("Intent", "intent"), ("Urgency", "urgency")]
    return Note(
        title=f"New lead: {who(events)}"[:TITLE_CHARS],
        at=moment(events, "timestamp") or received,
        text=text_of(events, ["call_summary"], facts),
        deliveries=deliveries(events),
    )


def booking_id(event: Event) -> str:
    """What tells two bookings of one call apart; "" for what is no booking."""
    if not isinstance(event, AppointmentBooked):
        return ""
    return plain(event.calendar_event_id or event.appointment_time_start or event.delivery_id)


def deliveries(events: Sequence[Event]) -> tuple[str, ...]:
    return tuple(plain(one.delivery_id) for one in events)


def who(events: Sequence[Event]) -> str:
    return line(events, "caller_name") or shown_phone(line(events, "caller_phone")) or "an unknown caller"


def text_of(events: Sequence[Event], whole: Sequence[str], facts: Sequence[tuple[str, str]]) -> str:
    """Paragraphs as they are, then a line for each fact; those that no event knows are left out."""
    told = [f"{label}: {value}" for label, name in facts if (value := line(events, name))]
    return "\n\n".join(filter(None, [*(said(events, name) for name in whole), "\n".join(told)]))


def said(events: Sequence[Event], name: str) -> str:
    """The first value that one of them has, free of what is not text."""
    return next((value for one in events if (value := plain(getattr(one, name, None) or "").strip())), "")


def line(events: Sequence[Event], name: str) -> str:
    return " ".join(said(events, name).split())


def link(events: Sequence[Event], name: str) -> str:
    """An https address that can be followed, or ""."""
    found = line(events, name)
    return found if found.startswith("https://") and len(found) <= URL_CHARS and " " not in found else ""


def moment(events: Sequence[Event], *names: str) -> datetime | None:
    found = (read_time(line([one], name)) for name in names for one in events)
    return next((time.astimezone(UTC) for time in found if time and 1970 < time.year < 9999), None)


def plain(text: str) -> str:
    """Without NUL and other controls, marks that turn the direction of writing, and halves of characters."""
    return UNPRINTABLE.sub("", text)
