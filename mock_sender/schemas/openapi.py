"""The OpenAPI 3.1 document: four webhooks, their headers, how they are signed, and the answers InboundFlow expects."""

from __future__ import annotations

from typing import Any

from .. import fields
from .bodies import Schema, bodies, envelope

SIGNED = (
    "`sha256=` and, in lower-case hex, the HMAC-SHA256 of `<X-InboundFlow-Timestamp>.<JSON.stringify(body)>`, "
    "with the signing secret (UTF-8) as its key. Compare in constant time. Sent only where a signing secret is set."
)
HEADERS = (
    ("X-InboundFlow-Event", "The event's name. Not signed: the body's `event` decides.", {"type": "string"}, True),
    ("X-InboundFlow-Delivery-Id", "Not signed: the body's `delivery_id` decides.", {"type": "string"}, True),
    (
        "X-InboundFlow-Timestamp",
        "When it was sent, in unix seconds.",
        {"type": "integer", "examples": [1709064000]},
        True,
    ),
    ("X-InboundFlow-Signature", SIGNED, {"type": "string", "pattern": "^sha256=[0-9a-f]{64}$"}, False),
    ("User-Agent", "Who sends.", {"type": "string", "examples": ["InboundFlow-Webhook/1.0"]}, False),
)
ABOUT = (
    "What InboundFlow, an AI phone receptionist, posts to a webhook, as far as its documentation says. "
    "Fields and events that are not described here may come: take them. "
    "After 10 failed deliveries in a row the webhook is disabled until someone reconnects it."
)
ANSWERS = {
    "2XX": {"description": "Taken. To be answered within 10 seconds: answer first, then work."},
    "default": {
        "description": "Anything else, redirects included, is a failed delivery; so is no answer in 10 seconds."
    },
}


def openapi() -> Schema:
    """The document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "InboundFlow webhooks", "version": "1.0", "description": ABOUT},
        "webhooks": {event.name: webhook(event) for event in fields.EVENTS},
        "components": {"schemas": components(), "parameters": parameters()},
    }


def webhook(event: fields.Event) -> Schema:
    return {
        "post": {
            "operationId": event.title[0].lower() + event.title[1:],
            "summary": event.fires,
            "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in parameters()],
            "requestBody": {"required": True, "content": {"application/json": content(event)}},
            "responses": ANSWERS,
        }
    }


def content(event: fields.Event) -> Schema:
    return {
        "schema": {"$ref": f"#/components/schemas/{event.title}"},
        "examples": {"documented": {"value": event.example()}},
    }


def components() -> dict[str, Any]:
    """The schemas; `data` has a name of its own, so that generated types have one."""
    schemas: dict[str, Any] = {}
    for body in bodies().values():
        data = body["properties"]["data"]
        schemas[data["title"]] = data
        body["properties"]["data"] = {"$ref": f"#/components/schemas/{data['title']}"}
        schemas[body["title"]] = body
    general = {key: value for key, value in envelope().items() if key != "$schema"}
    return schemas | {general["title"]: general}


def parameters() -> dict[str, Any]:
    return {
        name: {"name": name, "in": "header", "required": always, "description": says, "schema": schema}
        for name, says, schema, always in HEADERS
    }
