"""Authentic bytes, read into a `Delivery`. Nothing in them can make this raise."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from ..events import EVENTS, Delivery, named_call, parse_object

COLUMN_CHARS = 200
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # a database refuses these in text

KEPT_HEADERS = {
    "X-InboundFlow-Event": "event",
    "X-InboundFlow-Delivery-Id": "delivery_id",
    "X-InboundFlow-Timestamp": "timestamp",
    "User-Agent": "user_agent",
    "Content-Type": "content_type",
    "Content-Encoding": "content_encoding",
}


def delivery_in(text: bytes, headers: Mapping[str, str], problems: tuple[str, ...], **known: Any) -> Delivery:
    """The delivery in the signed `text`; what the unsigned headers claim is noted, never trusted.

    `known` are the fields that do not come from either.
    """
    envelope = parse_object(text)
    values = envelope or {}
    data = values.get("data")
    call = data if isinstance(data, dict) else {}
    kept = {name: for_column(value) for header, name in KEPT_HEADERS.items() if (value := headers.get(header))}
    key = key_of(values.get("delivery_id"))
    return Delivery(
        key=key or f"sha256:{hashlib.sha256(text).hexdigest()}",
        event=column(values.get("event")) or "",
        organization_id=column(values.get("organization_id")),
        call_id=call_column(named_call(call)),
        caller_phone=column(call.get("caller_phone")),
        body=text,
        headers=kept,
        problems=(*problems, *oddities(envelope, key, kept)),
        **known,
    )


def oddities(envelope: dict[str, Any] | None, key: str | None, kept_headers: dict[str, str]) -> list[str]:
    """Slugs for all that is odd about an authentic delivery, for whoever looks at it later."""
    if envelope is None:
        return ["not-a-json-object", "no-delivery-id"]
    event = envelope.get("event")
    checks = {
        "no-delivery-id": key is None,
        "unknown-event": not isinstance(event, str) or event not in EVENTS,
        "data-not-an-object": not isinstance(envelope.get("data"), dict),
        "event-header-differs": "event" in kept_headers and kept_headers["event"] != column(event),
        "delivery-id-header-differs": "delivery_id" in kept_headers and kept_headers["delivery_id"] != key,
    }
    return [slug for slug, is_so in checks.items() if is_so]


def key_of(value: object) -> str | None:
    """The delivery id, when it can serve as a key: 1 to 200 printable characters."""
    return value if isinstance(value, str) and 0 < len(value) <= COLUMN_CHARS and value.isprintable() else None


def column(value: object) -> str | None:
    return for_column(value) if isinstance(value, str) else None


def call_column(call: str | None) -> str | None:
    """The id as the column holds it, or a digest where it would be changed: two calls could become one."""
    if call is None or for_column(call) == call:
        return call
    return f"sha256:{hashlib.sha256(call.encode(errors='surrogatepass')).hexdigest()}"


def for_column(text: str) -> str:
    if len(text) <= COLUMN_CHARS and text.isprintable():  # as nearly all are
        return text
    return UNSTORABLE.sub("\ufffd", text[:COLUMN_CHARS])
