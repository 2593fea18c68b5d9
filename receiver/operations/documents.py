"""What operations return, as JSON: the keys that programs rely on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..registry import Lane


def columns_to_json(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Times also in ISO 8601, what is a JSON text as JSON, and the source only where there are several."""
    document: dict[str, Any] = {}
    for name, value in columns.items():
        if name == "source" and not value:
            continue
        if name == "problems":
            value = json.loads(value)
        if isinstance(value, tuple):
            value = [columns_to_json(item) if isinstance(item, dict) else item for item in value]
        document[name] = value
        if name.endswith("_us"):
            document[name.removesuffix("_us") + "_at"] = value and iso(value)
    return document


def lane_to_json(lane: Lane) -> dict[str, Any]:
    document = {"handler": lane.handler, "target": lane.target}
    return document | {"source": lane.source} if lane.source else document


def moment(us: int) -> str:
    """As people read it, in UTC."""
    return datetime.fromtimestamp(us / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%S")


def iso(us: int) -> str:
    return datetime.fromtimestamp(us / 1e6, UTC).isoformat(timespec="microseconds")
