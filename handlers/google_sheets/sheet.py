"""The few calls that are needed, without the reads of metadata that gspread's own objects make."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any

import gspread

from receiver import RetryLater

from .cells import Cell

# A phone number stays a phone number, and a formula that a caller dictates stays text.
RAW = {"valueInputOption": "RAW"}
ROWS, COLUMNS = 1000, 26  # of a new tab, as Google itself makes them


class Sheet:
    def __init__(self, http: gspread.HTTPClient, key: str, email: str) -> None:
        self.http = http
        self.key = key
        self.email = email  # whom it must be shared with

    def header(self, tab: str) -> list[str] | None:
        """The first row's names; None where there is no such tab."""
        try:
            return [str(name) for name in self.values(f"{quoted(tab)}!1:1")]
        except gspread.exceptions.APIError as error:
            if error.response.status_code == 400 and "Unable to parse range" in error.response.text:
                return None
            raise

    def column(self, tab: str, place: int) -> list[str]:
        """The texts of one column, from the first row on."""
        values = self.values(f"{quoted(tab)}!{letter(place)}:{letter(place)}", majorDimension="COLUMNS")
        return [str(value) for value in values]

    def values(self, cells: str, **params: str) -> list[Any]:
        rows = self.http.values_get(self.key, cells, params=params or None).get("values", [])
        return list(rows[0]) if rows else []

    def add_tab(self, tab: str, columns: Sequence[str]) -> list[str]:
        """Make the tab with its first row, bold and always in view: all of it or nothing."""
        try:
            self.http.batch_update(self.key, {"requests": new_tab(tab, columns)})
        except gspread.exceptions.APIError as error:
            if "already exists" not in error.response.text:
                raise
            raise RetryLater(
                f"another tab's name differs from {tab} in capitals only: rename it, or see GOOGLE_SHEETS_TABS"
            ) from error
        return list(columns)

    def name_columns(self, tab: str, before: Sequence[str], after: Sequence[str]) -> None:
        """Fill the cells of the first row that were empty; null leaves the others alone."""
        old = [*before, *[""] * (len(after) - len(before))]
        row = [None if present else name for present, name in zip(old, after, strict=True)]
        self.http.values_update(self.key, f"{quoted(tab)}!A1", params=dict(RAW), body={"values": [row]})

    def append(self, tab: str, rows: Sequence[Sequence[Cell]]) -> list[str]:
        """Append below the table that begins at A1; the range that each row took."""
        params = RAW | {"insertDataOption": "INSERT_ROWS"}  # else it may write over what stands below the table
        body = {"values": [list(row) for row in rows]}
        done = self.http.values_append(self.key, f"{quoted(tab)}!A1", params=params, body=body)
        return row_ranges(str(done["updates"]["updatedRange"]), len(rows))


def new_tab(tab: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    number = secrets.randbits(30)  # its own, so that the next request can name it
    grid = {"rowCount": ROWS, "columnCount": max(COLUMNS, len(columns)), "frozenRowCount": 1}
    bold = {"textFormat": {"bold": True}}
    header = [{"userEnteredValue": {"stringValue": name}, "userEnteredFormat": bold} for name in columns]
    return [
        {"addSheet": {"properties": {"sheetId": number, "title": tab, "gridProperties": grid}}},
        {
            "updateCells": {
                "start": {"sheetId": number, "rowIndex": 0, "columnIndex": 0},
                "rows": [{"values": header}],
                "fields": "userEnteredValue,userEnteredFormat.textFormat.bold",
            }
        },
    ]


def row_ranges(whole: str, count: int) -> list[str]:
    """`Calls!A7:N8` as `Calls!A7:N7` and `Calls!A8:N8`."""
    match = re.fullmatch(r"(.+!)([A-Z]+)(\d+)(?::([A-Z]+)\d+)?", whole)
    if not match:
        return [whole] * count
    tab, first, top, last = match[1], match[2], int(match[3]), match[4] or match[2]
    return [f"{tab}{first}{row}:{last}{row}" for row in range(top, top + count)]


def quoted(tab: str) -> str:
    return "'" + tab.replace("'", "''") + "'"


def letter(place: int) -> str:
    """A column's letters, counted from 0."""
    return str(gspread.utils.rowcol_to_a1(1, place + 1)).rstrip("1")
