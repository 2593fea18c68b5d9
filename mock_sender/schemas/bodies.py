"""JSON Schema (2020-12) of a delivery's body. It refuses what the documentation contradicts, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import fields
from ..fields import Field

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# The documentation shows every field in every sample and promises none of them. InboundFlow disables a webhook that
# refuses ten deliveries in a row, so only the field that identifies the call is required.
REQUIRED = ("call_id",)


def schema(event: str) -> Schema:
    """The whole body of one documented event. Raises KeyError for another."""
    return {"$schema": DIALECT} | bodies()[event]


def envelope() -> Schema:
    """What every body has, whatever the event: one that is not documented yet fits too."""
    return {"$schema": DIALECT} | body("Delivery", "What every delivery has.", {"type": "object"})


def bodies() -> dict[str, Schema]:
    """The body of every documented event, by the event's name."""
    return {event.name: of_event(event) for event in fields.EVENTS}


def of_event(event: fields.Event) -> Schema:
    data = {"title": f"{event.title}Data"} | an_object(event.fields, REQUIRED)
    schema = body(event.title, event.fires, data)
    schema["properties"]["event"] = {"type": "string", "const": event.name, "description": "What happened."}
    return schema


def body(title: str, says: str, data: Schema) -> Schema:
    schema = an_object(fields.ENVELOPE, [*(field.name for field in fields.ENVELOPE), "data"])
    schema["properties"]["data"] = data
    return {"title": title, "description": says} | schema


def an_object(members: Iterable[Field], required: Iterable[str]) -> Schema:
    return {
        "type": "object",
        "properties": {field.name: a_value(field) for field in members},
        "required": list(required),
        "additionalProperties": True,
    }


def a_value(field: Field) -> Schema:
    schema: Schema = {"type": field.type, "description": f"{field.says}."}
    if field.format:
        schema["format"] = field.format
    return schema | {"examples": list(field.known_values or (field.example,))}
