"""What a delivery says: kept as bytes in `Delivery`, typed and frozen in one of the events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from .errors import RejectedRequest


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One signed request, as it is kept.

    `body` is the text that was signed, unpacked where it came packed. `received_body` is what came over the wire, only
    where it differs.
    `problems` names what was odd about an authentic delivery; it is kept all the same.
    """

    key: str  # the signed body's delivery_id, else "sha256:" and the digest of the signed bytes
    body: bytes
    received_us: int
    source: str = ""  # "" is the single business
    event: str = ""
    organization_id: str | None = None
    call_id: str | None = None
    caller_phone: str | None = None
    received_body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # facts worth keeping, never the signature
    problems: tuple[str, ...] = ()
    stale: RejectedRequest | None = None  # correctly signed, too long ago: looked up, never inserted


@dataclass(frozen=True, kw_only=True)
class Event:
    """What happened. `data` is the whole `data` object as it came, fields unknown to us included.

    A field that is missing, null or of the wrong type is None here; the original stays in `data`.
    """

    delivery_id: str  # the same on every repeat
    event: str  # its name: `call.completed`
    timestamp: str | None = None  # when it happened, an ISO time
    organization_id: str | None = None
    call_id: str | None = None  # the events of one call share it; never empty
    caller_phone: str | None = None  # E.164, or what there is where the caller withholds it
    caller_name: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CallCompleted(Event):
    """A call has ended."""

    caller_email: str | None = None
    duration_seconds: int | None = None
    summary: str | None = None
    transcript: str | None = None  # promised by the documentation, absent from its sample
    intent: str | None = None
    urgency: str | None = None
    recording_url: str | None = None
    started_at: str | None = None
    ended_at: str | None = None


@dataclass(frozen=True, kw_only=True)
class CallTransferred(Event):
    """A call was handed to a person."""

    duration_seconds: int | None = None
    summary: str | None = None
    transferred_to_label: str | None = None
    transferred_to_number: str | None = None
    urgency: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class AppointmentBooked(Event):
    """A caller has an appointment."""

    appointment_date: str | None = None
    appointment_time_start: str | None = None
    appointment_time_end: str | None = None
    service_type: str | None = None
    calendar_event_id: str | None = None
    calendar_event_link: str | None = None


@dataclass(frozen=True, kw_only=True)
class LeadCreated(Event):
    """A caller may become a customer."""

    caller_email: str | None = None
    intent: str | None = None
    urgency: str | None = None
    interest: str | None = None
    call_summary: str | None = None


@dataclass(frozen=True, kw_only=True)
class UnknownEvent(Event):
    """An authentic delivery of a kind, or a shape, that this version does not know."""


EVENTS: dict[str, type[Event]] = {
    "call.completed": CallCompleted,
    "call.transferred": CallTransferred,
    "appointment.booked": AppointmentBooked,
    "lead.created": LeadCreated,
}
# For @handles: all that is delivered, kinds that this version does not know included.
EVERY_EVENT: tuple[type[Event], ...] = (*EVENTS.values(), UnknownEvent)

ENVELOPE = {"delivery_id", "event", "timestamp", "organization_id", "data"}


def read_event(delivery: Delivery) -> Event:
    """The event in a kept delivery: `UnknownEvent` where it is none that we know. Never raises."""
    envelope = parse_object(delivery.body) or {}
    data = envelope.get("data")
    values: dict[str, Any] = data if isinstance(data, dict) else {}
    kind = EVENTS.get(delivery.event, UnknownEvent)
    values_of_kind = {f.name: value for f in fields(kind) if (value := typed(f.type, values.get(f.name))) is not None}
    return kind(
        **values_of_kind
        | {
            "delivery_id": delivery.key,
            "event": delivery.event,
            "timestamp": typed("str", envelope.get("timestamp")),
            "organization_id": typed("str", envelope.get("organization_id")),
            "call_id": named_call(values),
            "data": values,
        }
    )


def named_call(data: Mapping[str, Any]) -> str | None:
    """The call's id; None where nothing of it can be seen, as calls without a name are not one call."""
    call = typed("str", data.get("call_id"))
    return call if call and any(sign.isprintable() and not sign.isspace() for sign in call) else None


def parse_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in `body`, or None where there is none. Never raises."""
    try:
        value = DECODER.decode(body.decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def whole_number(digits: str) -> int | float:
    """An integer, or a float where Python would refuse to read that many digits."""
    return int(digits) if len(digits) < 1000 else float(digits)


DECODER = json.JSONDecoder(parse_int=whole_number)  # json.loads would make one for each body


def typed(annotation: Any, value: object) -> Any:
    """`value` where it has the annotated type, else None."""
    if "str" in str(annotation):
        return value if isinstance(value, str) else None
    if "int" in str(annotation):
        return value if isinstance(value, int) and not isinstance(value, bool) else None
    return None
