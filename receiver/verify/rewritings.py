"""What a body may have been before something on the way wrote it again: for explaining, never for accepting."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .javascript import NotReserialisable, reserialise

# As InboundFlow's documentation shows them.
ENVELOPE = ("event", "timestamp", "organization_id", "delivery_id", "data")
CALL = ("call_id", "caller_phone", "caller_name")
DATA = {
    "call.completed": (
        *CALL, "caller_email", "duration_seconds", "summary", "intent", "urgency", "recording_url", "started_at",
        "ended_at",
    ),
    "call.transferred": (
        *CALL, "duration_seconds", "summary", "transferred_to_label", "transferred_to_number", "urgency", "reason",
    ),
    "appointment.booked": (
        *CALL, "appointment_date", "appointment_time_start", "appointment_time_end", "service_type",
        "calendar_event_id", "calendar_event_link",
    ),
    "lead.created": (*CALL, "caller_email", "intent", "urgency", "interest", "call_summary"),
}  # fmt: skip
REFORMATTED, REORDERED, ESCAPED, TRIMMED = "body-reformatted", "body-reordered", "body-escaped", "body-trimmed"


def rewritings(body: bytes) -> Iterator[tuple[str, bytes]]:
    """What was done to it, and what it was before; each is tried with one secret, so there are a few dozen at most."""
    for text in (body.strip(), body.strip() + b"\n", body.replace(b"\r\n", b"\n"), body.removeprefix(b"\xef\xbb\xbf")):
        if text != body:
            yield TRIMMED, text
    try:
        value = json.loads(body.decode("utf-8-sig"))
        for how, ordered in orders(value):
            for text in styles(ordered):
                yield how or style_of(body, text), text
    except (ValueError, RecursionError, NotReserialisable):
        return


def orders(value: Any) -> Iterator[tuple[str, Any]]:
    yield "", value
    if isinstance(value, dict):
        data, fields = value.get("data"), DATA.get(str(value.get("event")), ())
        documented = in_order(value, ENVELOPE)
        yield REORDERED, documented | ({"data": in_order(data, fields)} if isinstance(data, dict) else {})
        yield REORDERED, json.loads(json.dumps(value, sort_keys=True))


def in_order(members: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The named members first, then the others as they came."""
    return {name: members[name] for name in names if name in members} | dict(members)


def styles(value: Any) -> Iterator[bytes]:
    """First as JavaScript writes it, which is what InboundFlow documents; then as others do."""
    compact = json.dumps(value, separators=(",", ":"))
    yield reserialise(compact.encode())
    yield compact.encode()
    yield compact.replace("/", "\\/").encode()
    for indent in (None, 2, 4):
        for is_ascii in (True, False):
            yield json.dumps(value, indent=indent, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")


def style_of(received: bytes, signed: bytes) -> str:
    is_escaped = b"\\u" in received or b"\\/" in received
    was_escaped = b"\\u" in signed or b"\\/" in signed
    return REFORMATTED if is_escaped == was_escaped else ESCAPED
