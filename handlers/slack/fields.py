"""The fields of a message: what is known of a call from the set of its events, in whatever order they came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from receiver import AppointmentBooked, CallCompleted, CallTransferred, Event, LeadCreated
from receiver.toolkit import first_value, for_people, is_withheld, shown_phone, shown_time

from .text import one_line
from .words import say

TITLES: dict[type[Event], str] = {
    CallCompleted: "Call completed",
    CallTransferred: "Call transferred",
    AppointmentBooked: "Appointment booked",
    LeadCreated: "New lead",
}
# label, the attributes that may hold it; the first that does wins
FIELDS = (
    ("Name", ("caller_name",)),
    ("Phone", ("caller_phone",)),
    ("E-mail", ("caller_email",)),
    ("Intent", ("intent",)),
    ("Urgency", ("urgency",)),
    ("Appointment", ("appointment_time_start", "appointment_date")),
    ("Service", ("service_type",)),
    ("Interest", ("interest",)),
    ("Transferred to", ("transferred_to_label", "transferred_to_number")),
    ("Reason", ("reason",)),
    ("Called", ("started_at",)),
    ("Duration", ("duration_seconds",)),
)
LONGEST_CALL_S = 864_000  # ten days: more is a mistake
PHONES, TIMES = ("caller_phone", "transferred_to_number"), ("appointment_time_start", "started_at")


def in_order(events: Iterable[Event]) -> list[Event]:
    """Each delivery once, by kind and time: the same list for the same set."""
    kinds = list(TITLES)
    unique = {event.delivery_id: event for event in events}

    def place(event: Event) -> tuple[int, str, str]:
        return (
            kinds.index(type(event)) if type(event) in kinds else len(kinds),
            event.timestamp or "",
            event.delivery_id,
        )

    return sorted(unique.values(), key=place)


def raw(events: Sequence[Event], *names: str) -> tuple[str, str]:
    """The first of these attributes that an event has, with its lines, and its name; ("", "") where none has."""
    return first_value(events, *names, clean=for_people)


def value(events: Sequence[Event], names: Sequence[str], settings: Mapping[str, str]) -> str:
    """What one field shows, on one line; "" where nothing is known."""
    text, name = raw(events, *names)
    text = one_line(text)
    if name in PHONES:
        return phone(events, name, settings)
    if name in TIMES:
        return shown_time(text, settings)
    if name == "duration_seconds":
        return f"{int(text) // 60}:{int(text) % 60:02d} min" if 0 <= int(text) < LONGEST_CALL_S else ""
    if name == "urgency":
        return say(text.lower(), settings["BUSINESS_LANGUAGE"]).capitalize()
    return text


def phone(events: Sequence[Event], name: str, settings: Mapping[str, str]) -> str:
    """The first number that is not withheld; where each is, that it is so."""
    number = known_number(events, name)
    return shown_phone(number) if number else say("number withheld", settings["BUSINESS_LANGUAGE"])


def known_number(events: Sequence[Event], name: str) -> str:
    return first_value(events, name, clean=lambda text: "" if is_withheld(text) else one_line(for_people(text)))[0]


def title(event: Event, language: str) -> str:
    return (
        say(TITLES[type(event)], language)
        if type(event) in TITLES
        else one_line(event.event) or say("Another event", language)
    )
