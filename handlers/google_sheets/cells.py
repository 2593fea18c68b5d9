"""An event as cells: each field's value, cleaned and cut so that Google takes it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from receiver import Event, Run
from receiver.toolkit import read_time

from .layout import FIELDS


@dataclass(frozen=True)
class Moment:
    """A time or a day: as text, and as the number that a cell with a date's format shows."""

    text: str
    serial: float  # days since 30 December 1899, where the business is


Cell = str | int | Moment | None

CELL_UNITS = 49_000  # Sheets takes 50,000, and counts some signs twice, as UTF-16 does
WHOLE = 2**53  # a larger number would lose digits in a cell, so it is written as text
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
SERIAL_BEGINS = datetime(1899, 12, 30)  # https://developers.google.com/workspace/sheets/api/guides/formats
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAYS = ("appointment_date",)
TIMES = ("received_at", "timestamp", "started_at", "ended_at", "appointment_time_start", "appointment_time_end")


def cells(event: Event, run: Run, zone: str) -> dict[str, Cell]:
    """Every field that the event has. Never raises, whatever the caller said."""
    values: dict[str, object] = {field: getattr(event, field, None) for field in FIELDS}
    values["received_at"] = received_at(run)
    values["data"] = as_json(event.data, run.delivery.body)
    return {field: dated(field, value, zone) for field, value in values.items()}


def received_at(run: Run) -> str:
    return datetime.fromtimestamp(run.delivery.received_us / 1e6, UTC).isoformat(timespec="seconds")


def dated(field: str, value: object, zone: str) -> Cell:
    """A field's value as a cell: a time or a day as a moment, where it can be read."""
    if isinstance(value, str) and field in TIMES:
        return moment(value, zone)
    if isinstance(value, str) and field in DAYS:
        return day(value)
    return cell(value)


def moment(text: str, zone: str) -> Cell:
    """A day alone is no time: it would be midnight somewhere."""
    time = None if DAY.fullmatch(text) else read_time(text)
    shown = cell(in_zone(text, zone))
    try:
        local = time.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if time else None
    except OverflowError:  # a year out of all bounds
        return shown
    return Moment(str(shown), serial(local)) if local and local > SERIAL_BEGINS else shown


def day(text: str) -> Cell:
    try:
        midnight = datetime.fromisoformat(text) if DAY.fullmatch(text) else SERIAL_BEGINS
    except ValueError:  # 30 February
        return cell(text)
    return Moment(text, serial(midnight)) if midnight > SERIAL_BEGINS else cell(text)


def serial(local: datetime) -> float:
    return round((local - SERIAL_BEGINS) / timedelta(days=1), 8)  # to the millisecond


def as_json(data: Mapping[str, object], body: bytes) -> str:
    try:
        return json.dumps(dict(data), ensure_ascii=False)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")


def in_zone(text: str, zone: str) -> str:
    """`2026-02-25T11:00:00Z` as `2026-02-25 12:00:00`, which sorts; as it came where no zone is set, or it is odd."""
    time = read_time(text) if zone != "UTC" and not DAY.fullmatch(text) else None
    try:
        return time.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S") if time else text
    except OverflowError:  # a year out of all bounds
        return text


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
