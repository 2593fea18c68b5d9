"""The sheet as a table: each tab with its first row, and the rows that were added last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..grid import letters
from . import plain
from .texts import say

if TYPE_CHECKING:
    from ..server import Destinations

SHOWN = 30  # rows of a tab, the last
EPOCH = datetime(1899, 12, 30)  # the day 0 of a sheet: developers.google.com/workspace/sheets/api/guides/formats
PATTERNS = {"DATE": "%Y-%m-%d", "TIME": "%H:%M:%S", "DATE_TIME": "%Y-%m-%d %H:%M:%S"}
CELL = 22  # columns of a cell, as text


@dataclass(frozen=True, kw_only=True)
class Row:
    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Tab:
    name: str
    letters: tuple[str, ...]
    header: Row
    rows: tuple[Row, ...]
    earlier: int  # rows above them


def tabs(world: Destinations) -> list[Tab]:
    with world.sheets.mutex:
        copied = {name: [list(row) for row in rows] for name, rows in world.sheets.tabs.items()}
        formats = {name: dict(of_cells) for name, of_cells in world.sheets.formats.items()}
    return [tab(name, rows, formats.get(name, {})) for name, rows in copied.items() if any(map(any, rows))]


def tab(name: str, rows: Sequence[Sequence[str]], formats: dict[tuple[int, int], dict[str, Any]]) -> Tab:
    width = max(map(len, rows))
    first = max(1, len(rows) - SHOWN)
    shown = [row(number, rows[number], width, formats) for number in (0, *range(first, len(rows)))]
    return Tab(
        name=name,
        letters=tuple(map(letters, range(width))),
        header=shown[0],
        rows=tuple(shown[1:]),
        earlier=first - 1,
    )


def row(number: int, values: Sequence[str], width: int, formats: dict[tuple[int, int], dict[str, Any]]) -> Row:
    cells = [shown(value, formats.get((number, column), {})) for column, value in enumerate(values)]
    return Row(number=number + 1, cells=(*cells, *[""] * (width - len(cells))))


def shown(value: str, given: dict[str, Any]) -> str:
    """A number with a date's format as that date; the pattern itself is not followed."""
    pattern = PATTERNS.get(given.get("numberFormat", {}).get("type", ""))
    try:
        return (EPOCH + timedelta(seconds=round(float(value) * 86_400))).strftime(pattern) if pattern else value
    except (ValueError, OverflowError):
        return value


def lines(seen: Sequence[Tab], lang: str, width: int) -> list[str]:
    return [line for tab in seen for line in of_tab(tab, lang, width)]


def of_tab(tab: Tab, lang: str, width: int) -> list[str]:
    """As many of its columns as there is room for."""
    rows = [[plain.cut(plain.one_line(cell), CELL) for cell in row.cells] for row in (tab.header, *tab.rows)]
    widths = [max(map(plain.columns, column)) for column in zip(*rows, strict=True)]
    fit = 1
    while fit < len(widths) and sum(widths[: fit + 1]) + 2 * fit <= width - 2:
        fit += 1
    drawn = [
        "│ " + "  ".join(plain.padded(cell, size) for cell, size in zip(row[:fit], widths[:fit], strict=True)).rstrip()
        for row in rows
    ]
    rest = f" ({say('columns', lang, n=len(widths) - fit)})" if fit < len(widths) else ""
    earlier = [say("earlier", lang, n=tab.earlier)] if tab.earlier else []
    return [f"{plain.cut(plain.one_line(tab.name), CELL)}{rest}", drawn[0], *earlier, *drawn[1:]]
