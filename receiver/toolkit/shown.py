"""A call as messages show it: what is known from the set of its events, in whatever order they came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..events import AppointmentBooked, CallCompleted, CallTransferred, Event, LeadCreated
from .calls import first_value
from .readable import for_people, is_withheld, one_line, shown_phone, shown_time
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


def first_text(events: Sequence[Event], *names: str) -> tuple[str, str]:
    """The first of these attributes that an event has, with its lines, and its name; ("", "") where none has."""
    return first_value(events, *names, clean=for_people)


def shown_value(events: Sequence[Event], names: Sequence[str], settings: Mapping[str, str]) -> str:
    """What one field shows, on one line; "" where nothing is known."""
    text, name = first_text(events, *names)
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


def shown_fields(events: Sequence[Event], settings: Mapping[str, str]) -> list[tuple[str, str]]:
    """(label in English, value) of each field that has one; an interest that is the service stands there only once."""
    fields = [(label, shown_value(events, names, settings)) for label, names in FIELDS]
    service = dict(fields)["Service"]
    return [(label, text) for label, text in fields if text and (label, text) != ("Interest", service)]


def phone(events: Sequence[Event], name: str, settings: Mapping[str, str]) -> str:
    """The first number that is not withheld; where each is, that it is so."""
    number = known_number(events, name)
    return shown_phone(number) if number else say("number withheld", settings["BUSINESS_LANGUAGE"])


def known_number(events: Sequence[Event], name: str) -> str:
    """The first number under this name that was not withheld, as it came; "" where there is none."""
    return first_value(events, name, clean=lambda text: "" if is_withheld(text) else one_line(for_people(text)))[0]


def shown_title(event: Event, language: str) -> str:
    """What happened, in the business's language; for an event of another kind its name."""
    return (
        say(TITLES[type(event)], language)
        if type(event) in TITLES
        else one_line(event.event) or say("Another event", language)
    )
