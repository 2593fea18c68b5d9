"""Taking the row of somebody who is erased out of a tab, whatever people do to the rows meanwhile.

Google is told a row's number, and people may sort between the look and the write. So nothing is deleted by a number:
the row is cut into a hidden tab of its own, in one request whose answer shows what it cut. That tab is deleted if it
holds the row that is meant; else the row goes back to the top, and it is looked for again.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

import gspread

from receiver import Event, GiveUp, RetryLater, Run

from .append import open_sheet
from .cells import cell
from .layout import KEY, alike, read_layout
from .refusals import TROUBLE, RowRefused, meaning
from .sheet import Sheet, Tab, quoted, row_of, text_of

END = ", row of "  # in an outcome, after the tab's name


def remove_row(event: Event, run: Run, outcome: str) -> str:
    """Nothing of it stays, but in Google's history of versions. A row that is gone already is no error."""
    sheet, layout = open_sheet(run.settings), read_layout(run.settings)
    tab = outcome.rpartition(END)[0] or layout.tab(event.event)
    try:
        there = sheet.tab(tab, list(layout.columns(tab)).index(KEY))
        if there is None:
            raise GiveUp(f"the sheet has no tab {tab} any more: look for the delivery's id in the others")
        place = layout.places(there.header).get(KEY)
        if place is None:
            raise GiveUp(
                f"the tab {tab} has no column called {layout.names.get(KEY, KEY)}: look for the row by its time"
            )
        Removal(sheet, there, place, str(cell(event.delivery_id))).run()
    except TROUBLE as error:
        refused = meaning(error, tab, sheet.email)
        if isinstance(refused, RowRefused):
            raise GiveUp(f"Google does not let the row out of the tab {tab}: look for merged cells in it") from error
        raise refused from error
    return ""


@dataclass(frozen=True, kw_only=True)
class Aside:
    """A hidden tab with the one row that was cut into it."""

    id: int
    texts: list[str]


class Removal:
    """Of one delivery's rows out of one tab."""

    def __init__(self, sheet: Sheet, tab: Tab, place: int, key: str) -> None:
        self.sheet, self.tab, self.place, self.key = sheet, tab, place, key
        self.title = f"InboundFlow erases {hashlib.sha256(key.encode()).hexdigest()[:16]}"

    def run(self) -> None:
        """Each row that has the key: people may have copied it. What an attempt that died had cut is seen to first."""
        numbers = self.numbers()
        if not numbers:
            self.settle_left()
        for number in numbers:
            self.settle(self.cut(number))

    def numbers(self) -> list[int]:
        """In which rows, counted from 0, the key stands."""
        is_read = self.tab.place == self.place
        name, *texts = (self.tab.column if is_read else self.sheet.column(self.tab.name, self.place)) or [""]
        if alike(name) != alike(self.tab.header[self.place]):
            raise RetryLater(f"the columns of the tab {self.tab.name} were moved at that moment")
        return [number for number, text in enumerate(texts, start=1) if text == self.key]

    def settle_left(self) -> None:
        if left := self.sheet.tab(self.title):
            self.settle(Aside(id=left.id, texts=left.header))

    def cut(self, row: int) -> Aside:
        try:
            return self.cut_aside(row)
        except gspread.exceptions.APIError as error:
            if "already exists" not in error.response.text:
                raise
            self.settle_left()
            raise RetryLater("an attempt before this one was stopped half-way: the row is looked for again") from error

    def cut_aside(self, row: int) -> Aside:
        """All of a row into a tab of its own, in one request, whatever row that is by now."""
        number = secrets.randbits(30)
        grid = {"rowCount": 1, "columnCount": self.tab.width}
        properties = {"sheetId": number, "title": self.title, "hidden": True, "gridProperties": grid}
        source = {"sheetId": self.tab.id, "startRowIndex": row, "endRowIndex": row + 1}
        answer = self.sheet.http.batch_update(
            self.sheet.key,
            {
                "requests": [{"addSheet": {"properties": properties}}, move(source, self.tab.width, number, 0)],
                "includeSpreadsheetInResponse": True,
                "responseIncludeGridData": True,
                "responseRanges": [f"{quoted(self.title)}!1:1"],
            },
        )
        sheets = answer["updatedSpreadsheet"]["sheets"]
        [aside] = [sheet for sheet in sheets if sheet["properties"].get("sheetId", 0) == number]
        return Aside(id=number, texts=[text_of(text) for grid in aside.get("data", []) for text in row_of(grid)])

    def settle(self, aside: Aside) -> None:
        """Delete the row if it is the one that is meant, else put it back. Raises RetryLater after that."""
        delete: dict[str, Any] = {"deleteSheet": {"sheetId": aside.id}}
        is_meant = self.place < len(aside.texts) and aside.texts[self.place] == self.key
        if is_meant or not any(aside.texts):
            self.sheet.http.batch_update(self.sheet.key, {"requests": [delete]})
        else:
            above = {"sheetId": self.tab.id, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
            source = {"sheetId": aside.id, "startRowIndex": 0, "endRowIndex": 1}
            back = [{"insertDimension": {"range": above, "inheritFromBefore": False}}]
            back.append(move(source, self.tab.width, self.tab.id, 1))
            self.sheet.http.batch_update(self.sheet.key, {"requests": [*back, delete]})
        if not is_meant:
            raise RetryLater(f"the rows of the tab {self.tab.name} were moved at that moment: they are looked at again")


def move(source: dict[str, int], width: int, target: int, row: int) -> dict[str, Any]:
    """Cut a row with its formats, and paste it elsewhere."""
    whole = source | {"startColumnIndex": 0, "endColumnIndex": width}
    to = {"sheetId": target, "rowIndex": row, "columnIndex": 0}
    return {"cutPaste": {"source": whole, "destination": to, "pasteType": "PASTE_NORMAL"}}
