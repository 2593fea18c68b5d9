"""The few calls that are needed, without the reads of metadata that gspread's own objects make."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gspread

from receiver import RetryLater

from .columns import new_columns
from .formats import VALUE, CellData, NumberFormat, mask

RAW = {"valueInputOption": "RAW"}
CELL = "formattedValue,userEnteredFormat(numberFormat)"
TAB = f"sheets(properties(sheetId,title,gridProperties(columnCount)),data(rowData(values({CELL}))))"
# Of a new tab. Google makes 1,000 rows. What is set for whole columns surely holds for the rows that are there; nothing
# is said of those that are added below.
ROWS, COLUMNS = 5000, 26


@dataclass(frozen=True, kw_only=True)
class Tab:
    id: int  # stays, when a person renames it
    name: str
    header: list[str]  # the first row's names
    formats: list[NumberFormat]  # of each cell in it; {} where it has none
    place: int | None = None  # of the column that was read with it
    column: Sequence[str] = ()  # the texts of that, from the first row on
    width: int = COLUMNS

    def format(self, place: int) -> NumberFormat:
        return self.formats[place] if place < len(self.formats) else {}


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Cells of one row, by their columns, all counted from 0; and what should stand in the row, in which column."""

    row: int
    cells: Mapping[int, CellData]
    key_place: int
    key: str


class Sheet:
    def __init__(self, http: gspread.HTTPClient, key: str, email: str) -> None:
        self.http = http
        self.key = key
        self.email = email  # whom it must be shared with

    def tab(self, name: str, place: int | None = None) -> Tab | None:
        """The tab as it stands now, with the texts of one column, in one read; None where there is no such tab."""
        areas = ["1:1"] if place is None else ["1:1", f"{letter(place)}:{letter(place)}"]
        ranges = [f"{quoted(name)}!{area}" for area in areas]
        try:
            answer = self.http.fetch_sheet_metadata(self.key, {"ranges": ranges, "fields": TAB})
        except gspread.exceptions.APIError as error:
            if error.response.status_code != 400:
                raise
            if place is not None and "exceeds grid limits" in error.response.text:
                return self.tab(name)
            if "Unable to parse range" in error.response.text:
                return None
            raise
        [sheet] = [s for s in answer["sheets"] if s["properties"]["title"].casefold() == name.casefold()]
        first, *others = sheet.get("data", []) or [{}]
        cells = row_of(first)
        return Tab(
            id=sheet["properties"].get("sheetId", 0),
            name=name,
            header=[text_of(cell) for cell in cells],
            formats=[cell.get("userEnteredFormat", {}).get("numberFormat", {}) for cell in cells],
            place=place if others else None,
            column=[text_of(cell) for grid in others[:1] for cell in column_of(grid)],
            width=sheet["properties"].get("gridProperties", {}).get("columnCount", COLUMNS),
        )

    def column(self, tab: str, place: int) -> list[str]:
        """The texts of one column, from the first row on."""
        values = self.values(f"{quoted(tab)}!{letter(place)}:{letter(place)}", majorDimension="COLUMNS")
        return [str(value) for value in values]

    def values(self, cells: str, **params: str) -> list[Any]:
        rows = self.http.values_get(self.key, cells, params=params or None).get("values", [])
        return list(rows[0]) if rows else []

    def add_tab(self, tab: str, columns: Mapping[str, str], statuses: Sequence[str]) -> int:
        """Make the tab with its first row, always in view: all of it or nothing; its number. `columns` names each
        field's.
        """
        number = secrets.randbits(30)  # its own, so that the next requests can name it
        grid = {"rowCount": ROWS, "columnCount": max(COLUMNS, len(columns)), "frozenRowCount": 1}
        sheet = {"addSheet": {"properties": {"sheetId": number, "title": tab, "gridProperties": grid}}}
        try:
            self.http.batch_update(self.key, {"requests": [sheet, *new_columns(number, columns, statuses)]})
        except gspread.exceptions.APIError as error:
            if "already exists" not in error.response.text:
                raise
            raise RetryLater(
                f"another tab's name differs from {tab} in capitals only: rename it, or see GOOGLE_SHEETS_TABS"
            ) from error
        return number

    def add_columns(self, tab: Tab, columns: Mapping[str, str], statuses: Sequence[str]) -> None:
        """Give a tab that has no first row one, as if it were new."""
        self.http.batch_update(self.key, {"requests": new_columns(tab.id, columns, statuses)})

    def name_columns(self, tab: str, before: Sequence[str], after: Sequence[str]) -> None:
        """Fill the cells of the first row that were empty; null leaves the others alone."""
        old = [*before, *[""] * (len(after) - len(before))]
        row = [None if present else name for present, name in zip(old, after, strict=True)]
        self.http.values_update(self.key, f"{quoted(tab)}!A1", params=dict(RAW), body={"values": [row]})

    def append(self, tab: Tab, rows: Sequence[Sequence[CellData]]) -> None:
        """Append below the last row that holds anything: all of them or none. A filter, or what is hidden, leads
        `values.append` to another place, and its rows look like the one above them, at first the bold header.
        """
        asked = {"sheetId": tab.id, "rows": [{"values": list(row)} for row in rows], "fields": mask(rows)}
        self.http.batch_update(self.key, {"requests": [{"appendCells": asked}]})

    def update(self, tab: Tab, edits: Sequence[Edit]) -> list[str]:
        """Make all the edits or none; what stands now in the key's cell of each row, which may have been moved since
        it was looked for.
        """
        keys = [f"{quoted(tab.name)}!{letter(edit.key_place)}{edit.row + 1}" for edit in edits]
        asked = {
            "requests": [request for edit in edits for request in update_requests(tab, edit)],
            "includeSpreadsheetInResponse": True,
            "responseIncludeGridData": True,
            "responseRanges": keys,
        }
        sheets = self.http.batch_update(self.key, asked)["updatedSpreadsheet"]["sheets"]
        [sheet] = [sheet for sheet in sheets if sheet["properties"].get("sheetId", 0) == tab.id]
        texts = {grid.get("startRow", 0): next(map(text_of, row_of(grid)), "") for grid in sheet["data"]}
        return [texts.get(edit.row, "") for edit in edits]


def update_requests(tab: Tab, edit: Edit) -> list[dict[str, Any]]:
    """One for each run of neighbouring cells."""
    runs = itertools.groupby(enumerate(sorted(edit.cells)), key=lambda pair: pair[1] - pair[0])
    requests = []
    for _, pairs in runs:
        places = [place for _, place in pairs]
        start = {"sheetId": tab.id, "rowIndex": edit.row, "columnIndex": places[0]}
        rows = [{"values": [edit.cells[place] for place in places]}]
        requests.append({"updateCells": {"start": start, "rows": rows, "fields": VALUE}})
    return requests


def row_of(grid: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cells of the first row."""
    return [cell for row in grid.get("rowData", [])[:1] for cell in row.get("values", [])]


def column_of(grid: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cells of the first column."""
    return [next(iter(row.get("values", [])), {}) for row in grid.get("rowData", [])]


def text_of(cell: Mapping[str, Any]) -> str:
    return str(cell.get("formattedValue", ""))


def quoted(tab: str) -> str:
    return "'" + tab.replace("'", "''") + "'"


def letter(place: int) -> str:
    """A column's letters, counted from 0."""
    return str(gspread.utils.rowcol_to_a1(1, place + 1)).rstrip("1")
