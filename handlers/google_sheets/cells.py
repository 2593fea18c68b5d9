"""An event as cells: each field's value, cleaned and cut so that Google takes it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from receiver import Event, Run
from receiver.toolkit import read_time

from .layout import FIELDS

Cell = str | int | None

CELL_UNITS = 49_000  # Sheets takes 50,000, and counts some signs twice, as UTF-16 does
WHOLE = 2**53  # a larger number would lose digits in a cell, so it is written as text
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
TIMES = ("received_at", "timestamp", "started_at", "ended_at", "appointment_time_start", "appointment_time_end")


def cells(event: Event, run: Run, zone: str) -> dict[str, Cell]:
    """Every field that the event has. Never raises, whatever the caller said."""
    values: dict[str, object] = {field: getattr(event, field, None) for field in FIELDS}
    values["received_at"] = datetime.fromtimestamp(run.delivery.received_us / 1e6, UTC).isoformat(timespec="seconds")
    values["data"] = as_json(event.data, run.delivery.body)
    local = {field: in_zone(value, zone) for field in TIMES if isinstance(value := values[field], str)}
    return {field: cell(value) for field, value in (values | local).items()}


def as_json(data: Mapping[str, object], body: bytes) -> str:
    try:
        return json.dumps(dict(data), ensure_ascii=False)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")


def in_zone(moment: str, zone: str) -> str:
    """`2026-02-25T11:00:00Z` as `2026-02-25 12:00:00`, which sorts; as it came where no zone is set, or it is odd."""
    time = read_time(moment) if zone != "UTC" else None
    try:
        return time.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S") if time else moment
    except OverflowError:  # a year out of all bounds
        return moment


def cell(value: object) -> Cell:
    if isinstance(value, int):
        return value if abs(value) < WHOLE else cut(str(value))
    return cut(for_cell(value)) if isinstance(value, str) else ""


def for_cell(text: str) -> str:
    """Without what no cell can hold: NUL and its like, and halves of a sign."""
    return UNPRINTABLE.sub("", text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def cut(text: str) -> str:
    units = text.encode("utf-16-le")
    return text if len(units) <= 2 * CELL_UNITS else units[: 2 * CELL_UNITS].decode("utf-16-le", "ignore") + "…"
