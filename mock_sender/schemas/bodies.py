"""JSON Schema (2020-12) of a delivery's body. It refuses what the documentation contradicts, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import fields
from ..fields import Field

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# The documentation shows every field in every sample and promises none of them. Who refuses a delivery for a field
# that is missing is ten such deliveries away from being switched off, so only what identifies it is required.
REQUIRED = ("call_id",)


def schema(event: str) -> Schema:
    """The whole body of one documented event. Raises KeyError for another."""
    return {"$schema": DIALECT} | bodies()[event]


def envelope() -> Schema:
    """What every body has, whatever the event: one that is not documented yet fits too."""
    return {"$schema": DIALECT} | body("Delivery", "What every delivery has.", {"type": "object"})


def bodies() -> dict[str, Schema]:
    """The body of every documented event, by the event's name."""
    return {of.name: of_event(of) for of in fields.EVENTS}


def of_event(of: fields.Event) -> Schema:
    data = {"title": f"{of.title}Data"} | an_object(of.fields, REQUIRED)
    found = body(of.title, of.fires, data)
    found["properties"]["event"] = {"type": "string", "const": of.name, "description": "What happened."}
    return found


def body(title: str, says: str, data: Schema) -> Schema:
    found = an_object(fields.ENVELOPE, [*(field.name for field in fields.ENVELOPE), "data"])
    found["properties"]["data"] = data
    return {"title": title, "description": says} | found


def an_object(of: Iterable[Field], required: Iterable[str]) -> Schema:
    return {
        "type": "object",
        "properties": {field.name: a_value(field) for field in of},
        "required": list(required),
        "additionalProperties": True,
    }


def a_value(field: Field) -> Schema:
    found: Schema = {"type": field.type, "description": f"{field.says}."}
    if field.format:
        found["format"] = field.format
    return found | {"examples": list(field.known or (field.example,))}
