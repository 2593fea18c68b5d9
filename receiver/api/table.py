"""What can be asked: each route with its parameters. The document is made from it, and requests are read by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..events import EVENTS
from .documents import place_of

MOST, USUAL = 100, 50  # deliveries on a page
EVENTS_AT_ONCE = 20
TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Schema = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """`read` makes a value of its text, or raises ValueError; `wrong` says what it should be."""

    name: str
    about: str
    schema: Schema
    read: Callable[[str], Any]
    wrong: str
    where: str = "query"
    many: bool = False


@dataclass(frozen=True, kw_only=True)
class Route:
    """`answers` are those beside 200, and beside what every route of its kind answers."""

    path: str
    operation: str
    summary: str
    about: str = ""
    parameters: tuple[Parameter, ...] = ()
    content: str = "application/json"
    schema: Schema
    statuses: tuple[int, ...] = ()
    needs_token: bool = True


def whole_number(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text) or int(text) > MOST:
        raise ValueError
    return int(text)


def time_us(text: str) -> int:
    if not TIME.fullmatch(text):
        raise ValueError
    moment = datetime.fromisoformat(text.upper())
    return int(moment.replace(microsecond=0).timestamp()) * 1_000_000 + moment.microsecond


def of_chars(text: str, most: int) -> str:
    if not 0 < len(text) <= most or CONTROL.search(text):
        raise ValueError
    return text


def event_name(text: str) -> str:
    return of_chars(text, 100)


def identifier(text: str) -> str:
    return of_chars(text, 200)


def text_schema(most: int, **more: Any) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": most, "pattern": r"^[^\u0000-\u001f\u007f]+$", **more}


CURSOR: Schema = {"type": "string", "format": "inboundflow-cursor"}  # opaque
WRONG_CURSOR = "it should be `next` of a page, or the id of an event of the stream, unchanged."
WRONG_TIME = "it should be a time with its zone, such as 2026-11-24T09:30:00Z; write a + as %2B."

AFTER = Parameter(
    name="after",
    about="Where to go on: `next` of the page before. Without it, from the oldest delivery that is kept.",
    schema=CURSOR,
    read=place_of,
    wrong=WRONG_CURSOR,
)
FILTERS = (
    Parameter(
        name="event",
        about="Of this kind alone. May be given several times.",
        schema={"type": "array", "items": text_schema(100, examples=list(EVENTS)), "maxItems": EVENTS_AT_ONCE},
        read=event_name,
        wrong=f"it should be 1 to 100 signs, and stand there {EVENTS_AT_ONCE} times at most.",
        many=True,
    ),
    Parameter(
        name="call_id",
        about="Of this call alone.",
        schema=text_schema(200),
        read=identifier,
        wrong="it should be 1 to 200 signs.",
    ),
    Parameter(
        name="since",
        about="Received then or later.",
        schema={"type": "string", "format": "date-time"},
        read=time_us,
        wrong=WRONG_TIME,
    ),
    Parameter(
        name="until",
        about="Received before then.",
        schema={"type": "string", "format": "date-time"},
        read=time_us,
        wrong=WRONG_TIME,
    ),
)
LIMIT = Parameter(
    name="limit",
    about="How many at most. A page may have fewer, as its bodies have 1 MiB together: `has_more` says how it stands.",
    schema={"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    read=whole_number,
    wrong=f"it should be a whole number from 1 to {MOST}.",
)
LAST_EVENT_ID = Parameter(
    name="Last-Event-ID",
    about="Where to go on: the id of the last event that came. It counts more than `after`.",
    schema=CURSOR,
    read=place_of,
    wrong=WRONG_CURSOR,
    where="header",
)
ID = Parameter(
    name="id",
    about="The id of a delivery.",
    schema={"type": "string", "minLength": 1},
    read=str,
    wrong="",
    where="path",
)

LIST = Route(
    path="/api/deliveries",
    operation="listDeliveries",
    summary="List deliveries, in the order in which they were stored",
    about="Ask again with `after` set to `next`: at once while `has_more` is true, else after a while.",
    parameters=(AFTER, LIMIT, *FILTERS),
    schema={"$ref": "#/components/schemas/Page"},
    statuses=(400,),
)
ONE = Route(
    path="/api/deliveries/{id}",
    operation="getDelivery",
    summary="Get one delivery",
    parameters=(ID,),
    schema={"$ref": "#/components/schemas/Delivery"},
    statuses=(400, 404),
)
STREAM = Route(
    path="/api/stream",
    operation="streamDeliveries",
    summary="Get each delivery when it is stored, as server-sent events",
    about="An event `delivery` has the delivery as its data and a cursor as its id. Without `after` and "
    "`Last-Event-ID` it begins with what is stored from now on. It ends after a while: connect again with the last id.",
    parameters=(LAST_EVENT_ID, AFTER, *FILTERS[:2]),
    content="text/event-stream",
    schema={"$ref": "#/components/schemas/StreamEvent"},
    statuses=(400,),
)
DOCUMENT = Route(
    path="/api/openapi.json",
    operation="getDocument",
    summary="Get this document",
    schema={"type": "object"},
    statuses=(400,),
    needs_token=False,
)
ROUTES = (LIST, ONE, STREAM, DOCUMENT)
