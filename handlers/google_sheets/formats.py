"""Cells as Google's batchUpdate takes them: with their type, and plain, whatever stands above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .cells import DAYS, TIMES, Cell, Moment

CellData = dict[str, Any]
NumberFormat = Mapping[str, str]

PLAIN = {"textFormat": {"bold": False}, "wrapStrategy": "CLIP"}  # a long summary does not make its row ten lines high
PHONES = ("caller_phone", "transferred_to_number")
TEXT = {"type": "TEXT"}  # stays +1 555…, also when a person edits it
# The same in every country: 3/2 and 2/3 are read as each other.
TIME, DATE = {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm"}, {"type": "DATE", "pattern": "yyyy-mm-dd"}
# Of whole columns in a tab that the receiver makes. Its first row has them too, and shows later what its column holds.
NUMBER_FORMATS = dict.fromkeys(PHONES, TEXT) | dict.fromkeys(TIMES, TIME) | dict.fromkeys(DAYS, DATE)
OWNERS: CellData = {}
VALUE = "userEnteredValue"
FORMATS = ("textFormat.bold", "wrapStrategy", "numberFormat")


def cell_data(field: str, value: Cell, column: NumberFormat) -> CellData:
    """The cell, in a column whose first cell has that format of numbers; {} is none."""
    shape = TEXT if field in PHONES else column
    return content(value, column) | {"userEnteredFormat": PLAIN | ({"numberFormat": dict(shape)} if shape else {})}


def content(value: Cell, column: NumberFormat) -> CellData:
    """A text is a text, although it may look like a formula, which would be a `formulaValue`. A time is a number where
    its column shows numbers as dates, and a text in a column that does not, as in tabs from before.
    """
    plain = typed(value, column) if isinstance(value, Moment) else value
    if plain in (None, ""):
        return {}
    return {VALUE: {"stringValue" if isinstance(plain, str) else "numberValue": plain}}


def typed(value: Moment, column: NumberFormat) -> str | float:
    return value.serial if column.get("type") in ("DATE", "DATE_TIME", "TIME") else value.text


def mask(rows: Sequence[Sequence[CellData]]) -> str:
    """What is written of each cell. Formats are left alone where a column of the owner's stands among ours: they
    would be cleared there.
    """
    owners = any(cell is OWNERS for row in rows for cell in row)
    return ",".join([VALUE, *(() if owners else (f"userEnteredFormat.{name}" for name in FORMATS))])
