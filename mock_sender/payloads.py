"""What InboundFlow reports: the four documented events, with every documented field, for believable calls."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from . import fields

EVENTS = tuple(event.name for event in fields.EVENTS)
# Of all calls that are made up here: a failed test counts as a lost life until one of the same business succeeds.
ORGANIZATION = "3f0c6a52-8a5e-4c0e-9d0b-5b1f2a7c9e10"


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """Who calls, what about, and whom they are put through to, in one language."""

    callers: tuple[tuple[str, str], ...]  # name and e-mail address
    reasons: tuple[tuple[str, str, str, str], ...]  # intent, service, urgency, summary
    colleagues: tuple[tuple[str, str], ...]  # label and number
    why: str  # somebody was put through


LANGUAGES = {
    "en": Spoken(
        callers=(
            ("Ada Moreno", "ada.moreno@example.com"),
            ("Jürgen Weiß", "j.weiss@example.org"),
            ("Priya Nair", "priya@example.net"),
            ("Sam O'Neill", "sam.oneill@example.com"),
            ("María José Ruiz", "mjruiz@example.org"),
            ("Chen Wei", "chen.wei@example.com"),
        ),
        reasons=(
            (
                "book appointment",
                "Routine cleaning",
                "medium",
                "Called to book a cleaning; asked for the earliest slot.",
            ),
            (
                "book appointment",
                "Root canal",
                "high",
                "Has had a toothache since last night and wants to be seen today.",
            ),
            ("price question", "Whitening", "low", "Asked what whitening costs and whether it hurts."),
            ("reschedule", "Check-up", "medium", "Needs to move Thursday's check-up to next week, in the morning."),
        ),
        colleagues=(("Front desk", "+15550190"), ("Dr. Alvarez", "+15550191")),
        why="The caller asked to speak to a person.",
    ),
    "es": Spoken(
        callers=(
            ("María José Ruiz", "mjruiz@example.org"),
            ("Javier Ortega", "javier.ortega@example.com"),
            ("Lucía Fernández", "lucia.fernandez@example.org"),
            ("Íñigo Echeverría", "inigo@example.net"),
            ("Ana Belén Núñez", "anabelen@example.com"),
            ("Óscar Ibáñez", "oscar.ibanez@example.com"),
        ),
        reasons=(
            (
                "reservar una cita",
                "Limpieza dental",
                "medium",
                "Llamó para una limpieza y pidió la primera hora libre.",
            ),
            ("reservar una cita", "Endodoncia", "high", "Le duele una muela desde anoche y quiere que la vean hoy."),
            ("preguntar un precio", "Blanqueamiento", "low", "Preguntó cuánto cuesta un blanqueamiento y si duele."),
            ("cambiar una cita", "Revisión", "medium", "Necesita pasar la revisión del jueves a la semana que viene."),
        ),
        colleagues=(("Recepción", "+15550190"), ("Dra. Álvarez", "+15550191")),
        why="Pidió hablar con una persona.",
    ),
}


@dataclass(frozen=True)
class Payload:
    """One delivery as it will be sent."""

    event: str
    delivery_id: str
    body: bytes


def call(rng: random.Random, at: datetime | None = None, *, language: str = "en") -> list[Payload]:
    """The four events of one call, in the order in which they happen; they share its call_id and caller."""
    facts = a_call(rng, at or datetime.now(UTC), language)
    order = ("call.transferred", "appointment.booked", "lead.created", "call.completed")
    return [payload(rng, event, facts) for event in order]


def sample(
    rng: random.Random,
    event: str,
    at: datetime | None = None,
    delivery_id: str | None = None,
    *,
    language: str = "en",
) -> Payload:
    """One event of a call of its own. An event that is not documented gets the fields of a call."""
    return payload(rng, event, a_call(rng, at or datetime.now(UTC), language), delivery_id)


def payload(rng: random.Random, event: str, facts: Mapping[str, Any], delivery_id: str | None = None) -> Payload:
    key = delivery_id or str(uuid.UUID(int=rng.getrandbits(128), version=4))
    envelope = {
        "event": event,
        "timestamp": facts["ended"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "organization_id": facts["organization_id"],
        "delivery_id": key,
        "data": {name: facts[source] for name, source in FIELDS.get(event, FIELDS["call.completed"]).items()},
    }
    return Payload(event, key, stringify(envelope))


def stringify(value: Mapping[str, Any]) -> bytes:
    """The bytes that JavaScript's JSON.stringify would give for these strings and integers."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


# The documented fields of each event's `data`, and which fact of a call fills each.
FIELDS: dict[str, dict[str, str]] = {
    event.name: {field.name: field.fact for field in event.fields} for event in fields.EVENTS
}


def a_call(rng: random.Random, ended: datetime, language: str = "en") -> dict[str, Any]:
    """Everything that is known of one call; `language` is one of LANGUAGES."""
    spoken = LANGUAGES[language]
    name, email = rng.choice(spoken.callers)
    intent, service, urgency, summary = rng.choice(spoken.reasons)
    label, number = rng.choice(spoken.colleagues)
    seconds = rng.randint(35, 420)
    start = ended.replace(microsecond=0) - timedelta(seconds=seconds)
    slot = (ended + timedelta(days=rng.randint(1, 9))).replace(
        hour=rng.randint(9, 16), minute=0, second=0, microsecond=0
    )
    call_id = f"call_{rng.getrandbits(48):012x}"
    return {
        "organization_id": ORGANIZATION,
        "ended": ended,
        "call_id": call_id,
        "caller_phone": f"+1555{rng.choice('2345')}550{rng.randint(100, 199)}",
        "caller_name": name,
        "caller_email": email,
        "duration_seconds": seconds,
        "summary": summary,
        "intent": intent,
        "urgency": urgency,
        "recording_url": f"https://recordings.example.com/{call_id}.mp3",
        "started_at": stamp(start),
        "ended_at": stamp(ended),
        "transferred_to_label": label,
        "transferred_to_number": number,
        "reason": spoken.why,
        "appointment_date": slot.date().isoformat(),
        "appointment_time_start": stamp(slot),
        "appointment_time_end": stamp(slot + timedelta(minutes=45)),
        "service_type": service,
        "calendar_event_id": f"evt_{rng.getrandbits(40):010x}",
        "calendar_event_link": f"https://calendar.example.com/event/{call_id}",
    }


def stamp(when: datetime) -> str:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")
