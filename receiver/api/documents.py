"""A delivery as JSON with its body as it was received, and the cursor that names its place."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ..operations import FeedDelivery, FeedPage

# A body that some parser would refuse comes as a text: it would make a whole page unreadable, again and again.
MOST_DIGITS, DEEPEST = 1000, 50


def page_document(page: FeedPage) -> str:
    deliveries = ", ".join(map(delivery_document, page.deliveries))
    end = json.dumps({"next": cursor(page.place), "has_more": page.more})
    return f'{{"deliveries": [{deliveries}], {end[1:]}'


def delivery_document(delivery: FeedDelivery) -> str:
    """On one line, as a stream needs it."""
    body = plain_json(delivery.body)
    text = delivery.body.decode(errors="replace") if body is None and delivery.body else None
    head = json.dumps(
        {
            "id": delivery.key,
            "source": delivery.source,
            "event": delivery.event,
            "call_id": delivery.call_id,
            "received_at": moment(delivery.received_us),
            "erased_at": moment(delivery.erased_us) if delivery.erased_us else None,
            "body_text": text,
        }
    )
    return f'{head[:-1]}, "body": {"null" if body is None else body}}}'


def moment(us: int) -> str:
    return datetime.fromtimestamp(us / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain_json(body: bytes) -> str | None:
    """The body's own text where it is JSON that every parser takes. Outside of strings a line break is a space."""
    try:
        text = body.decode().strip()
        value = DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return text.replace("\r", " ").replace("\n", " ") if depth(value) <= DEEPEST else None


def depth(value: Any) -> int:
    """How many arrays and objects are in each other, counted as far as it matters."""
    level, levels = [value], 0
    while levels <= DEEPEST and (level := [item for value in level for item in items(value)]):
        levels += 1
    return levels


def items(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def number(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError("a number of so many digits")
    return 0


def refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


DECODER = json.JSONDecoder(parse_int=number, parse_constant=refuse)


def cursor(place: str) -> str:
    """In signs that are safe in an address and a header: ids of deliveries may hold any."""
    return "c" + base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place_of(text: str) -> str:
    """Raises ValueError for what is no cursor."""
    place = base64.urlsafe_b64decode(text[1:] + "=" * (-(len(text) - 1) % 4)).decode()
    if cursor(place) != text:
        raise ValueError
    return place
