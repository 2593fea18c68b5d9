"""What the events of one call say, taken together, free of what is not text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from ..events import AppointmentBooked, CallCompleted, CallTransferred, Event, LeadCreated
from .readable import is_withheld, read_time, shown_phone
from .words import say

# What to believe first where two events of a call differ; among those of a kind, the newest.
BELIEVED = (CallCompleted, LeadCreated, CallTransferred, AppointmentBooked)
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EMAIL = re.compile(r"[^\s@<>\"',;:()]{1,64}@[^\s@<>\"',;:()]+\.[^\s@<>\"',;:().]{2,}")
# NUL and other controls (not tab, newline), what turns the direction of writing, half characters
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NAME_CHARS, TITLE_CHARS, URL_CHARS = 80, 250, 1000
LONGEST_CALL_S = 864_000  # ten days: more is a mistake
URGENT = ("high", "urgent", "critical")
LEVELS = {level: say(level, "es") for level in ("low", "medium", *URGENT)}


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who called. "" is unknown, and must erase nothing that is kept already."""

    phone: str = ""  # in E.164
    email: str = ""  # in lower case
    name: str = ""
    is_lead: bool = False
    time: datetime  # when they called, in UTC


@dataclass(frozen=True, kw_only=True)
class Activity:
    """What was said or done on a call."""

    title: str
    time: datetime  # of the call; of a booking when the appointment begins. In UTC
    text: str = ""
    deliveries: tuple[str, ...] = ()  # the ids of those that it is made from


@dataclass(frozen=True, kw_only=True)
class Call(Activity):
    """A call, whether it was reported as completed, as transferred, or as both."""

    phone: str = ""  # as it came, "" where it was withheld
    seconds: int | None = None
    recording_url: str = ""  # https, or ""


@dataclass(frozen=True, kw_only=True)
class Booking(Activity):
    """A booked appointment.

    Its times have UTC as their zone; `start.astimezone(business_zone(run.settings))` is the business's clock.
    """

    start: datetime | None = None  # in UTC; None where the event names no time that can be read
    day: date | None = None  # the business's day; None where the event names none that can be read
    end: datetime | None = None  # in UTC; None where it is not known, or not after the start
    link: str = ""  # https, or ""


@dataclass(frozen=True, kw_only=True)
class Note(Activity):
    """What is known of a lead."""


def believed(events: Sequence[Event]) -> list[Event]:
    """In an order that does not depend on the one in which they came: what to believe first comes first."""
    newest = sorted(events, key=lambda event: (event.timestamp or "", event.delivery_id), reverse=True)
    return sorted(newest, key=rank)


def rank(event: Event) -> int:
    return next((number for number, kind in enumerate(BELIEVED) if isinstance(event, kind)), len(BELIEVED))


def caller(events: Sequence[Event], received: datetime) -> Person:
    phones = [re.sub(r"[\s().-]", "", event.caller_phone or "") for event in events]
    emails = [(getattr(event, "caller_email", None) or "").strip().lower() for event in events]
    return Person(
        phone=next((phone for phone in phones if E164.fullmatch(phone) and not is_withheld(phone)), ""),
        email=next((email for email in emails if is_email(email)), ""),
        name=line(events, "caller_name")[:NAME_CHARS],
        is_lead=any(isinstance(event, LeadCreated) for event in events),
        time=moment(events, "started_at", "timestamp") or received,
    )


def is_email(text: str) -> bool:
    """Whether it is one e-mail address, as people have them, and nothing else."""
    return len(text) <= 254 and bool(EMAIL.fullmatch(text)) and printable(text) == text


def call_of(events: Sequence[Event], received: datetime, language: str = "en") -> Call:
    calls = [event for event in events if isinstance(event, CallCompleted | CallTransferred)]
    transfers = [event for event in calls if isinstance(event, CallTransferred)]
    label = line(transfers, "transferred_to_label") or say("a colleague", language)
    title = say("Call from {who}", language, who=who(calls, language)[:NAME_CHARS])
    labels = [
        ("E-mail", "caller_email"),
        ("Intent", "intent"),
        ("Urgency", "urgency"),
        ("Transferred because", "reason"),
    ]
    recording = https_link(calls, "recording_url")
    listen = f"{say('Recording', language)}: {recording}" if recording else ""
    return Call(
        title=f"{title} → {label}"[:TITLE_CHARS] if transfers else title,
        time=moment(calls, "started_at", "timestamp") or received,
        text="\n".join(filter(None, [text_of(calls, ["summary"], labels, language), listen])),
        deliveries=deliveries(calls),
        phone=number(calls)[:NAME_CHARS],
        seconds=duration_s(calls),
        recording_url=recording,
    )


def duration_s(events: Sequence[CallCompleted | CallTransferred]) -> int | None:
    """The first that can be believed."""
    durations = (event.duration_seconds for event in events)
    return next((seconds for seconds in durations if seconds is not None and 0 <= seconds < LONGEST_CALL_S), None)


def booking_of(events: Sequence[Event], received: datetime, zone: tzinfo = UTC, language: str = "en") -> Booking:
    """Where only the day can be read, its time is that day's noon in the business's zone."""
    start, end = start_of(events), moment(events, "appointment_time_end")
    day = start.astimezone(zone).date() if start else day_of(events)
    noon = datetime.combine(day, time(12), zone).astimezone(UTC) if day else None
    unread = [("Date", "appointment_date"), ("Time", "appointment_time_start")]
    service = line(events, "service_type")[:NAME_CHARS] or say("Appointment", language)
    return Booking(
        title=f"{service}: {who(events, language)}"[:TITLE_CHARS],
        time=start or noon or moment(events, "timestamp") or received,
        text=text_of(events, [], unread if start is None else [], language),
        deliveries=deliveries(events),
        start=start,
        day=day,
        end=end if start and end and end > start else None,
        link=https_link(events, "calendar_event_link"),
    )


def start_of(events: Sequence[Event]) -> datetime | None:
    """A day alone is no time: it would be midnight."""
    return moment(
        [event for event in events if not as_day(line([event], "appointment_time_start"))], "appointment_time_start"
    )


def day_of(events: Sequence[Event]) -> date | None:
    names = "appointment_date", "appointment_time_start"
    return next((day for name in names for event in events if (day := as_day(line([event], name)[:10]))), None)


def as_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None
    return day if day and 1970 < day.year < 9999 else None


def note_of(events: Sequence[Event], received: datetime, language: str = "en") -> Note:
    leads = [event for event in events if isinstance(event, LeadCreated)]
    labels = [("E-mail", "caller_email"), ("Interest", "interest"), ("Intent", "intent"), ("Urgency", "urgency")]
    return Note(
        title=f"{say('New lead', language)}: {who(leads, language)}"[:TITLE_CHARS],
        time=moment(leads, "timestamp") or received,
        text=text_of(leads, ["call_summary"], labels, language),
        deliveries=deliveries(leads),
    )


def booking_id(event: Event) -> str:
    """What tells two bookings of one call apart; "" for what is no booking."""
    if not isinstance(event, AppointmentBooked):
        return ""
    return first_value([event], "calendar_event_id", "appointment_time_start", "delivery_id")[0]


def deliveries(events: Sequence[Event]) -> tuple[str, ...]:
    return tuple(printable(event.delivery_id) for event in events)


def who(events: Sequence[Event], language: str) -> str:
    return line(events, "caller_name") or shown_phone(number(events)) or say("an unknown caller", language)


def number(events: Sequence[Event]) -> str:
    """The first that was not withheld."""
    return first_value(events, "caller_phone", clean=without_withheld)[0]


def without_withheld(phone: str) -> str:
    phone = " ".join(printable(phone).split())
    return "" if is_withheld(phone) else phone


def text_of(
    events: Sequence[Event], paragraphs: Sequence[str], labels: Sequence[tuple[str, str]], language: str
) -> str:
    """Paragraphs as they are, then a line for each label; what no event knows is left out."""
    values = [(label, shown_value(name, line(events, name), language)) for label, name in labels]
    lines = [f"{say(label, language)}: {value}" for label, value in values if value]
    return "\n\n".join(filter(None, [*(first_value(events, name)[0] for name in paragraphs), "\n".join(lines)]))


def shown_value(name: str, value: str, language: str) -> str:
    """A level of urgency in the business's language; what was said stays as it was said."""
    return LEVELS.get(value.lower(), value) if name == "urgency" and language == "es" else value


def line(events: Sequence[Event], name: str) -> str:
    return " ".join(first_value(events, name)[0].split())


def https_link(events: Sequence[Event], name: str) -> str:
    """An https address that can be followed, or ""."""
    url = line(events, name)
    return url if url.startswith("https://") and len(url) <= URL_CHARS and " " not in url else ""


def moment(events: Sequence[Event], *names: str) -> datetime | None:
    times = (read_time(line([event], name)) for name in names for event in events)
    return next((time.astimezone(UTC) for time in times if time and 1970 < time.year < 9999), None)


def printable(text: str) -> str:
    """Without NUL and other controls, marks that turn the direction of writing, and halves of characters."""
    return UNPRINTABLE.sub("", text)


def first_value(events: Iterable[Event], *names: str, clean: Callable[[str], str] = printable) -> tuple[str, str]:
    """The first of these attributes that an event has a value for, as clean text, and its name; else ("", "").

    All events are asked for the first name, then for the next.
    """
    for name in names:
        for event in events:
            value = getattr(event, name, None)
            if value is not None and (text := clean(str(value)).strip()):
                return text, name
    return "", ""


def is_urgent(events: Iterable[Event]) -> bool:
    """Whether one of the events calls itself high, urgent or critical."""
    return any((getattr(event, "urgency", None) or "").strip().lower() in URGENT for event in events)
