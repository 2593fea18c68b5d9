"""The few calls that are needed, without the reads of metadata that gspread's own objects make."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gspread

from receiver import RetryLater

from .formats import CellData, mask

RAW = {"valueInputOption": "RAW"}
TAB = "sheets(properties(sheetId,title),data(rowData(values(formattedValue))))"
ROWS, COLUMNS = 1000, 26  # of a new tab, as Google itself makes them


@dataclass(frozen=True, kw_only=True)
class Tab:
    id: int  # stays, when a person renames it
    name: str
    header: list[str]  # the first row's names


class Sheet:
    def __init__(self, http: gspread.HTTPClient, key: str, email: str) -> None:
        self.http = http
        self.key = key
        self.email = email  # whom it must be shared with

    def tab(self, name: str) -> Tab | None:
        """The tab as it stands now, in one read; None where there is none of this name."""
        try:
            answer = self.http.fetch_sheet_metadata(self.key, {"ranges": f"{quoted(name)}!1:1", "fields": TAB})
        except gspread.exceptions.APIError as error:
            if error.response.status_code == 400 and "Unable to parse range" in error.response.text:
                return None
            raise
        [sheet] = [s for s in answer["sheets"] if s["properties"]["title"].casefold() == name.casefold()]
        return Tab(id=sheet["properties"]["sheetId"], name=name, header=first_row(sheet))

    def column(self, tab: str, place: int) -> list[str]:
        """The texts of one column, from the first row on."""
        values = self.values(f"{quoted(tab)}!{letter(place)}:{letter(place)}", majorDimension="COLUMNS")
        return [str(value) for value in values]

    def values(self, cells: str, **params: str) -> list[Any]:
        rows = self.http.values_get(self.key, cells, params=params or None).get("values", [])
        return list(rows[0]) if rows else []

    def add_tab(self, tab: str, columns: Sequence[str]) -> Tab:
        """Make the tab with its first row, bold and always in view: all of it or nothing."""
        number = secrets.randbits(30)  # its own, so that the next request can name it
        try:
            self.http.batch_update(self.key, {"requests": new_tab(number, tab, columns)})
        except gspread.exceptions.APIError as error:
            if "already exists" not in error.response.text:
                raise
            raise RetryLater(
                f"another tab's name differs from {tab} in capitals only: rename it, or see GOOGLE_SHEETS_TABS"
            ) from error
        return Tab(id=number, name=tab, header=list(columns))

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


def first_row(sheet: Mapping[str, Any]) -> list[str]:
    rows = [row for data in sheet.get("data", []) for row in data.get("rowData", [])]
    return [str(cell.get("formattedValue", "")) for row in rows[:1] for cell in row.get("values", [])]


def new_tab(number: int, tab: str, columns: Sequence[str]) -> list[dict[str, Any]]:
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


def quoted(tab: str) -> str:
    return "'" + tab.replace("'", "''") + "'"


def letter(place: int) -> str:
    """A column's letters, counted from 0."""
    return str(gspread.utils.rowcol_to_a1(1, place + 1)).rstrip("1")
