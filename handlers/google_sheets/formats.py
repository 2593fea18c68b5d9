"""Cells as Google's batchUpdate takes them: with their type, and plain, whatever stands above them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .cells import Cell

CellData = dict[str, Any]

PLAIN = {"textFormat": {"bold": False}, "wrapStrategy": "CLIP"}  # a long summary does not make its row ten lines high
PHONES = ("caller_phone", "transferred_to_number")
TEXT = {"numberFormat": {"type": "TEXT"}}  # stays +1 555…, also when a person edits it
OWNERS: CellData = {}
VALUE = "userEnteredValue"
FORMATS = ("textFormat.bold", "wrapStrategy", "numberFormat")


def cell_data(field: str, value: Cell) -> CellData:
    """A text is a text, although it may look like a formula, which would be a `formulaValue`."""
    kind = "numberValue" if isinstance(value, int) else "stringValue"
    content = {} if value in (None, "") else {VALUE: {kind: value}}
    return content | {"userEnteredFormat": PLAIN | (TEXT if field in PHONES else {})}


def mask(rows: Sequence[Sequence[CellData]]) -> str:
    """What is written of each cell. Formats are left alone where a column of the owner's stands among ours: they
    would be cleared there.
    """
    owners = any(cell is OWNERS for row in rows for cell in row)
    return ",".join([VALUE, *(() if owners else (f"userEnteredFormat.{name}" for name in FORMATS))])
