"""A delivery as a flat object, for tools in which people map fields by hand: Zapier, Make, n8n."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

from ..errors import GiveUp
from ..events import Delivery, Event, whole_number

SCALAR = (str, int, float, bool, type(None))


def envelope(event: Event, delivery: Delivery) -> bytes:
    """The delivery's ids and times, each plain field of its data beside them, and the data itself.

    Made of what was kept and nothing else: every repeat is the same bytes. A field of the data that is called like
    one of ours stands in `data` alone.
    """
    data = original_data(delivery.body)
    ours = {
        "delivery_id": delivery.key,
        "event": delivery.event,
        "call_id": event.call_id,
        "organization_id": event.organization_id,
        "timestamp": event.timestamp,
        "received_at": iso(delivery.received_us),
    }
    fields = data if isinstance(data, dict) else {}
    flat = {name: value for name, value in fields.items() if isinstance(value, SCALAR)}
    try:
        text = json.dumps(flat | ours | {"data": data}, ensure_ascii=False, allow_nan=False)
    except RecursionError as error:
        raise GiveUp("its data is nested too deeply for a flat envelope: FORWARD_URL sends it as it came") from error
    return text.encode(errors="backslashreplace")  # which makes of half a surrogate pair the escape that JSON has


def original_data(body: bytes) -> Any:
    """The `data` of a body; {} where it has none. Numbers that JSON cannot say are null."""
    try:
        value = json.loads(body, parse_int=integer, parse_float=decimal, parse_constant=lambda name: None)
    except (ValueError, RecursionError):
        return {}
    return value.get("data", {}) if isinstance(value, dict) else {}


def integer(digits: str) -> int | float | None:
    number = whole_number(digits)
    return number if isinstance(number, int) else finite(number)


def decimal(digits: str) -> float | None:
    return finite(float(digits))


def finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def iso(moment_us: int) -> str:
    return datetime.fromtimestamp(moment_us / 1_000_000, UTC).isoformat(timespec="milliseconds")
