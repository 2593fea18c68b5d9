"""Authentic bytes, read into a `Delivery`. Nothing in them can make this raise."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from werkzeug.datastructures import Headers

from ..errors import RejectedRequest
from ..events import EVENTS, Delivery, parse_object

COLUMN_CHARS = 200
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # a database refuses these in text

FACTS = {
    "X-InboundFlow-Event": "event",
    "X-InboundFlow-Delivery-Id": "delivery_id",
    "X-InboundFlow-Timestamp": "timestamp",
    "User-Agent": "user_agent",
    "Content-Type": "content_type",
    "Content-Encoding": "content_encoding",
}


def delivery_in(
    headers: Headers,
    received: bytes,
    signed: bytes,
    problems: tuple[str, ...],
    received_us: int,
    stale: RejectedRequest | None = None,
) -> Delivery:
    """The delivery in `signed`; what the unsigned headers claim is noted, never trusted."""
    envelope = parse_object(signed)
    found = envelope or {}
    data = found.get("data")
    known = data if isinstance(data, dict) else {}
    facts = {name: clean(value) for header, name in FACTS.items() if (value := headers.get(header))}
    key = key_of(found.get("delivery_id"))
    return Delivery(
        key=key or f"sha256:{hashlib.sha256(signed).hexdigest()}",
        event=column(found.get("event")) or "",
        organization_id=column(found.get("organization_id")),
        call_id=column(known.get("call_id")),
        caller_phone=column(known.get("caller_phone")),
        received_us=received_us,
        body=signed,
        received_body=received if received != signed else None,
        headers=facts,
        problems=(*problems, *oddities(envelope, key, facts)),
        stale=stale,
    )


def oddities(envelope: dict[str, Any] | None, key: str | None, facts: dict[str, str]) -> list[str]:
    """Slugs for all that is odd about an authentic delivery, for whoever looks at it later."""
    if envelope is None:
        return ["not-a-json-object", "no-delivery-id"]
    event = envelope.get("event")
    noted = {
        "no-delivery-id": key is None,
        "unknown-event": not isinstance(event, str) or event not in EVENTS,
        "data-not-an-object": not isinstance(envelope.get("data"), dict),
        "event-header-differs": "event" in facts and facts["event"] != column(event),
        "delivery-id-header-differs": "delivery_id" in facts and facts["delivery_id"] != key,
    }
    return [slug for slug, is_so in noted.items() if is_so]


def key_of(value: object) -> str | None:
    """The delivery id, when it can serve as a key: 1 to 200 printable characters."""
    return value if isinstance(value, str) and 0 < len(value) <= COLUMN_CHARS and value.isprintable() else None


def column(value: object) -> str | None:
    return clean(value) if isinstance(value, str) else None


def clean(text: str) -> str:
    return UNSTORABLE.sub("\ufffd", text[:COLUMN_CHARS])
