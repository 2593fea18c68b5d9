"""The OpenAPI 3.1 document of the API: `python -m receiver.api` prints it, docs/openapi.json is a copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .problems import TYPE
from .rates import A_SECOND
from .table import CURSOR, ROUTES, Parameter, Route, Schema

ABOUT = (
    "For programs that would rather pull than be called: the deliveries of one business, as they were received. "
    "Reading changes nothing, and what is stored while pages are read comes on a later page. "
    "Of what was erased or pruned a place is left, with `erased_at` and without its body."
)
ANSWERS = {
    400: "A parameter is unknown, stands there twice or makes no sense: `detail` says which, and what it should be.",
    401: "There is no token, or it is none that is accepted.",
    403: "The business of this token is disabled.",
    404: "There is no such delivery. Every path answers so where the receiver has no token at all.",
    429: f"More than about {A_SECOND} requests a second with one token, or too many streams: see `Retry-After`.",
    503: "The receiver is busy, or its database does not answer: see `Retry-After`.",
}
MOMENT: Schema = {"type": "string", "format": "date-time"}
DELIVERY: Schema = {
    "type": "object",
    "required": ["id", "source", "event", "call_id", "received_at", "erased_at", "body", "body_text"],
    "properties": {
        "id": {"type": "string", "description": "InboundFlow's delivery_id: the same on every repeat."},
        "source": {"type": "string", "description": "The business; empty for that of the plain address."},
        "event": {"type": "string", "description": "What happened; there may be kinds that are not documented yet."},
        "call_id": {"type": ["string", "null"], "description": "The events of one call share it."},
        "received_at": MOMENT,
        "erased_at": {"type": ["string", "null"], "format": "date-time", "description": "Since then it has no body."},
        "body": {
            "description": "The body as it was received and signed: docs/payloads.md. "
            "Null where it was erased or pruned, or is not JSON that every parser takes."
        },
        "body_text": {"type": ["string", "null"], "description": "A body that is not JSON that every parser takes."},
    },
}
PAGE: Schema = {
    "type": "object",
    "required": ["deliveries", "next", "has_more"],
    "properties": {
        "deliveries": {"type": "array", "items": {"$ref": "#/components/schemas/Delivery"}},
        "next": {**CURSOR, "description": "Where the next page begins, also after the last one."},
        "has_more": {"type": "boolean", "description": "Whether there is more already; a page may be short, or empty."},
    },
}
STREAM_EVENT: Schema = {
    "type": "object",
    "description": "One event of the stream, by its fields. Blocks without data say where the stream is.",
    "properties": {
        "id": {**CURSOR, "description": "To be sent as Last-Event-ID."},
        "event": {"const": "delivery"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": "#/components/schemas/Delivery"},
        },
        "retry": {"type": "integer"},
    },
}
PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "reason", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "reason": {"type": "string", "description": "A slug that stays the same."},
        "detail": {"type": "string", "description": "A sentence for people."},
    },
}


def openapi() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "InboundFlow receiver", "version": "1", "description": ABOUT},
        "servers": [{"url": "/"}],
        "paths": {route.path: {"get": operation(route)} for route in ROUTES},
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "Of `receiver tokens add`."}
            },
            "schemas": {"Delivery": DELIVERY, "Page": PAGE, "StreamEvent": STREAM_EVENT, "Problem": PROBLEM},
        },
    }


def operation(route: Route) -> dict[str, Any]:
    return {
        "operationId": route.operation,
        "summary": route.summary,
        **({"description": route.about} if route.about else {}),
        "security": [{"token": []}] if route.needs_token else [],
        "parameters": [parameter(each) for each in route.parameters],
        "responses": {"200": answer(route)} | {str(status): problem(status) for status in statuses(route)},
    }


def statuses(route: Route) -> list[int]:
    """Beside 200."""
    return sorted({*route.statuses, *((401, 403, 429, 503) if route.needs_token else ())})


def parameter(parameter: Parameter) -> dict[str, Any]:
    document = {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.about,
        "required": parameter.where == "path",
        "schema": parameter.schema,
    }
    return document | ({"style": "form", "explode": True} if parameter.many else {})


def answer(route: Route) -> dict[str, Any]:
    return {"description": route.summary, "content": {route.content: {"schema": route.schema}}}


def problem(status: int) -> dict[str, Any]:
    document: dict[str, Any] = {
        "description": ANSWERS[status],
        "content": {TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    headers: Mapping[int, tuple[str, Schema]] = {
        401: ("WWW-Authenticate", {"type": "string"}),
        429: ("Retry-After", {"type": "integer"}),
        503: ("Retry-After", {"type": "integer"}),
    }
    if status in headers:
        name, schema = headers[status]
        document["headers"] = {name: {"schema": schema}}
    return document
