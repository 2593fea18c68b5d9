"""A tab's cells: ranges in A1 notation, and how the real API finds the table to which rows are appended.

https://developers.google.com/workspace/sheets/api/guides/values#append_values
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

Rows = list[list[str]]
Formats = dict[tuple[int, int], dict[str, Any]]


def parse(cells: str) -> tuple[str, str]:
    """`'Ada''s calls'!A1:B2` as the tab's name and the area in it."""
    match = re.fullmatch(r"(?:'((?:[^']|'')+)'|([^'!]+))!([A-Z]*\d*(?::[A-Z]*\d*)?)", cells)
    return ((match[1] or match[2]).replace("''", "'"), match[3]) if match else (cells, "")


def corners(area: str) -> tuple[int, int, int | None, int | None]:
    """The first row and column, and the last of both (None where it has no end), counted from 0."""
    start, _, end = area.partition(":")
    first, last = re.fullmatch(r"([A-Z]*)(\d*)", start), re.fullmatch(r"([A-Z]*)(\d*)", end or start)
    assert first  # noqa: S101 - `parse` has seen to it
    assert last  # noqa: S101
    return (
        int(first[2] or 1) - 1, number(first[1]) if first[1] else 0,
        int(last[2]) - 1 if last[2] else None, number(last[1]) if last[1] else None,
    )  # fmt: skip


def read(rows: Rows, area: str, major: str) -> Rows:
    """The values of an area, without the empty cells and lines at their ends, as the API gives them."""
    top, left, bottom, right = corners(area)
    block = [
        row[left : None if right is None else right + 1] for row in rows[top : None if bottom is None else bottom + 1]
    ]
    if major == "COLUMNS":
        width = max(map(len, block), default=0)
        block = [[row[i] if i < len(row) else "" for row in block] for i in range(width)]
    return trimmed([trimmed(row) for row in block])


def put(rows: Rows, top: int, left: int, values: list[list[Any]]) -> None:
    """Write into cells; None leaves one as it is."""
    for down, line in enumerate(values, start=top):
        while len(rows) <= down:
            rows.append([])
        row = rows[down]
        row.extend([""] * (left + len(line) - len(row)))
        for across, value in enumerate(line, start=left):
            row[across] = row[across] if value is None else str(value)


PATTERNS = {"yyyy": "%Y", "-mm": "-%m", "dd": "%d", "hh": "%H", ":mm": ":%M"}


def shown(value: Any, number_format: dict[str, str]) -> str:
    """What people see of a value: a number as a date, where its cell has such a format.

    https://developers.google.com/workspace/sheets/api/guides/formats
    """
    pattern = number_format.get("pattern", "yyyy-mm-dd hh:mm")
    if value is None or isinstance(value, str) or not number_format.get("type", "").startswith("DATE"):
        return "" if value is None else str(value)
    for theirs, ours in PATTERNS.items():
        pattern = pattern.replace(theirs, ours)
    return (datetime(1899, 12, 30) + timedelta(days=value, milliseconds=1)).strftime(pattern)


def end_of_table(rows: Rows) -> int:
    """The row after the table that holds A1: all cells that hang together with it. 0 where A1 is in none."""
    if not cell(rows, 0, 0):
        return 0
    height, width = 1, 1
    while True:
        if any(cell(rows, height, column) for column in range(width + 1)):
            height += 1
        elif any(cell(rows, row, width) for row in range(height + 1)):
            width += 1
        else:
            return height


def inherited(formats: Formats, first: int, count: int) -> Formats:
    """The formats after `count` rows were inserted before row `first`: they look like the row above."""
    moved = {(row + count * (row >= first), column): given for (row, column), given in formats.items()}
    above = {column: given for (row, column), given in formats.items() if row == first - 1}
    return moved | {(first + down, column): given for down in range(count) for column, given in above.items()}


def cell(rows: Rows, row: int, column: int) -> str:
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""


def trimmed(line: list[Any]) -> list[Any]:
    while line and not line[-1]:
        line = line[:-1]
    return line


def number(letters: str) -> int:
    """`A` is 0, `AB` is 27."""
    index = 0
    for sign in letters:
        index = index * 26 + ord(sign) - ord("A") + 1
    return index - 1


def letters(column: int) -> str:
    name = ""
    while column >= 0:
        column, rest = divmod(column, 26)
        name, column = chr(ord("A") + rest) + name, column - 1
    return name


def named(tab: str) -> str:
    """A tab's name as it stands in ranges that the API gives."""
    return tab if re.fullmatch(r"[A-Za-z_]\w*", tab, re.ASCII) else "'" + tab.replace("'", "''") + "'"
