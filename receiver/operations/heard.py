"""What the events of one call say together, in the terms of the pages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ..events import (
    AppointmentBooked,
    CallCompleted,
    CallTransferred,
    Delivery,
    Event,
    LeadCreated,
    named_call,
    parse_object,
    read_event,
)

BELIEVED_BEFORE_US = 7 * 86_400_000_000  # a report comes within a week, or its own time is a mistake
BELIEVED_AFTER_US = 3_600_000_000  # the clocks may differ
URGENCIES = {"medium": 1, "high": 2, "urgent": 2, "critical": 2}
WORDS, WORD_CHARS = 8, 40  # of a name, for the search
NAME_CHARS = 80
TEXT_CHARS = 4000
URL_CHARS = 1000
PHONE_DIGITS = 20  # E.164 has 15
LONGEST_CALL_S = 864_000  # ten days: more is a mistake
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MATTERS = ("service_type", "interest", "intent")


@dataclass(frozen=True, kw_only=True)
class Heard:
    """ "" is unknown. Whoever shows one of the texts cleans it once more: a caller said it."""

    at_us: int
    ended_us: int
    phone: str  # the digits, "" where it was withheld
    name: str
    email: str
    completed: bool
    booked: bool
    transferred: bool
    lead: bool
    urgency: int  # 0 to 2
    seconds: int | None
    summary: str
    matter: str  # what for: a service, an interest or an intent
    start_us: int | None  # of the appointment
    day: date | None  # of an appointment whose time cannot be read
    transferred_to: str
    recording: str  # https, or ""
    calendar: str  # https, or ""

    @property
    def wants(self) -> bool:
        """Whether somebody should call back."""
        return self.completed and not (self.booked or self.transferred or self.lead)


def hear(deliveries: Sequence[Delivery]) -> Heard:
    """Of at least one delivery of a call, in any order."""
    from ..toolkit import believed  # it loads an HTTP client, which the web process does not need

    received_us = min(delivery.received_us for delivery in deliveries)
    events = believed([read_event(delivery) for delivery in deliveries])
    ends = [event for event in events if isinstance(event, CallCompleted)]
    bookings = [event for event in events if isinstance(event, AppointmentBooked)]
    transfers = [event for event in events if isinstance(event, CallTransferred)]
    start = next((time for event in bookings if (time := start_of(event))), None)
    return Heard(
        at_us=believed_us(time_of(events, "started_at") or time_of(events, "timestamp"), received_us),
        ended_us=max((d.received_us for d in deliveries if d.event == "call.completed"), default=received_us),
        phone=phone_of(events),
        name=line(events, "caller_name")[:NAME_CHARS],
        email=line(events, "caller_email")[:NAME_CHARS].lower(),
        completed=bool(ends),
        booked=bool(bookings),
        transferred=bool(transfers),
        lead=any(isinstance(event, LeadCreated) for event in events),
        urgency=max((urgency_of(event) for event in events), default=0),
        seconds=seconds_of([*ends, *transfers]),
        summary=(text(events, "summary") or text(events, "call_summary"))[:TEXT_CHARS],
        matter=next((said for name in MATTERS if (said := line(events, name))), ""),
        start_us=microseconds(start) if start else None,
        day=None if start else next((day for event in bookings if (day := day_of(event))), None),
        transferred_to=line(transfers, "transferred_to_label"),
        recording=link(ends, "recording_url"),
        calendar=link(bookings, "calendar_event_link"),
    )


def text(events: Sequence[Event], name: str) -> str:
    from ..toolkit import first_value

    return first_value(events, name)[0]


def line(events: Sequence[Event], name: str) -> str:
    return " ".join(text(events, name).split())


def link(events: Sequence[Event], name: str) -> str:
    """An https address that can be followed, or ""."""
    url = line(events, name)
    return url if url.startswith("https://") and len(url) <= URL_CHARS and " " not in url else ""


def phone_of(events: Sequence[Event]) -> str:
    """The digits of the first number that was not withheld."""
    from ..toolkit import is_withheld

    numbers = [event.caller_phone or "" for event in events]
    digits = (re.sub(r"\D", "", number) for number in numbers if not is_withheld(number))
    return next((each[:PHONE_DIGITS] for each in digits if each.isascii() and each), "")


def seconds_of(events: Sequence[CallCompleted | CallTransferred]) -> int | None:
    durations = (event.duration_seconds for event in events)
    return next((seconds for seconds in durations if seconds is not None and 0 <= seconds < LONGEST_CALL_S), None)


def time_of(events: Sequence[Event], name: str) -> datetime | None:
    from ..toolkit import read_time

    times = (read_time(line([event], name)) for event in events)
    return next((time for time in times if time and 1970 < time.year < 9999), None)


def start_of(event: AppointmentBooked) -> datetime | None:
    """A day alone is no time: it would be midnight."""
    return (
        None if DAY.fullmatch(line([event], "appointment_time_start")) else time_of([event], "appointment_time_start")
    )


def day_of(event: AppointmentBooked) -> date | None:
    said = (line([event], name)[:10] for name in ("appointment_date", "appointment_time_start"))
    try:
        return next((date.fromisoformat(each) for each in said if DAY.fullmatch(each)), None)
    except ValueError:
        return None


def urgency_of(event: Event) -> int:
    return URGENCIES.get((getattr(event, "urgency", None) or "").strip().lower(), 0)


def microseconds(time: datetime) -> int:
    return int(time.timestamp() * 1e6)


def believed_us(time: datetime | None, received_us: int) -> int:
    """When the call was; when we heard of it, where it says nothing, or another time than can be."""
    at_us = microseconds(time) if time else received_us
    return at_us if received_us - BELIEVED_BEFORE_US <= at_us <= received_us + BELIEVED_AFTER_US else received_us


def folded(text: str) -> str:
    """Without accents and capitals, as people type when they search."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()


def words_of(name: str) -> tuple[str, ...]:
    words = [word[:WORD_CHARS] for word in re.findall(r"\w+", folded(name))]
    return tuple(dict.fromkeys(words))[:WORDS]


def is_call(body: bytes) -> bool:
    """Whether a delivery names a call that can be told from others."""
    data = (parse_object(body) or {}).get("data")
    return isinstance(data, dict) and named_call(data) is not None
