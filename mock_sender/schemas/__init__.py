"""What InboundFlow sends, for programs in any language: JSON Schema, OpenAPI and examples, made from `fields`."""

from __future__ import annotations

import json
from typing import Any

from .. import fields
from .bodies import envelope, schema
from .openapi import openapi

__all__ = ["envelope", "files", "openapi", "schema"]


def files() -> dict[str, str]:
    """Everything there is to write, by its name in this folder."""
    contents: dict[str, Any] = {"envelope.schema.json": envelope(), "openapi.json": openapi()}
    for event in fields.EVENTS:
        contents[f"{event.name}.schema.json"] = schema(event.name)
        contents[f"examples/{event.name}.json"] = event.example()
    return {name: json.dumps(value, indent=2, ensure_ascii=False) + "\n" for name, value in sorted(contents.items())}
