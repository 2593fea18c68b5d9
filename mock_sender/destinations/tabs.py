"""A sheet's tabs and their cells, and what a batch of requests makes of them.

https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from __future__ import annotations

import copy
import re
from typing import Any

from . import grid

SHEET_ID = "demo-sheet"
CELL_UNITS = 50_000
REQUESTS = {
    "addSheet": "add_sheet", "updateCells": "update_cells", "appendCells": "append_cells", "repeatCell": "repeat_cell",
    "setDataValidation": "set_data_validation", "cutPaste": "cut_paste", "insertDimension": "insert_dimension",
    "deleteSheet": "delete_sheet",
}  # fmt: skip

Reply = tuple[int, Any]
Done = tuple[dict[str, Any], str]  # what is answered to one request of a batch, or why none of it is done


class Tabs:
    """The tabs by name, as rows of the texts that people see. What they should refuse is set from outside."""

    def __init__(self) -> None:
        self.tabs: dict[str, list[list[str]]] = {}
        self.ids: dict[int, str] = {}
        self.formats: dict[str, dict[tuple[int, int], dict[str, Any]]] = {}  # of each cell of a tab that has any
        self.columns: dict[str, dict[int, dict[str, Any]]] = {}  # the formats of whole columns, where a cell has none
        self.choices: dict[str, dict[int, list[str]]] = {}  # the columns that have a dropdown, from the second row on
        self.widths: dict[str, int] = {}  # of tabs from which a person deleted columns
        self.protected: set[str] = set()  # tabs that the service account may not edit
        self.refuses = ""  # a text that it takes in no cell, for reasons of its own
        self.cells = 10_000_000  # as many as a sheet may have
        self.rules: dict[
            str, str
        ] = {}  # why a tab takes no row (a filter, merged cells, a validation): Google's sentence

    def batch_update(self, body: dict[str, Any]) -> Reply:
        """All of them or none."""
        before = copy.deepcopy((self.tabs, self.ids, self.formats, self.columns, self.choices))
        replies: list[dict[str, Any]] = []
        for number, request in enumerate(body["requests"]):
            [(kind, asked)] = request.items()
            reply, message = getattr(self, REQUESTS[kind])(asked)
            if message:
                self.tabs, self.ids, self.formats, self.columns, self.choices = before
                return refusal(400, "INVALID_ARGUMENT", f"Invalid requests[{number}].{kind}: {message}")
            replies.append({kind: reply} if reply else {})
        answer = {"spreadsheetId": SHEET_ID, "replies": replies}
        if not body.get("includeSpreadsheetInResponse"):
            return 200, answer
        areas = [grid.parse(area) for area in body["responseRanges"]]
        return 200, answer | {"updatedSpreadsheet": {"sheets": [self.answered(areas)]}}

    def add_sheet(self, asked: dict[str, Any]) -> Done:
        title, sheet_id = asked["properties"]["title"], asked["properties"].get("sheetId", len(self.ids) + 1)
        if title.casefold() in map(str.casefold, self.tabs) or sheet_id in self.ids:
            return {}, f'A sheet with the name "{title}" already exists.'
        self.tabs[title], self.ids[sheet_id] = [], title
        return {"properties": {"sheetId": sheet_id, "title": title}}, ""

    def update_cells(self, asked: dict[str, Any]) -> Done:
        start = asked["start"]
        tab = self.ids.get(start["sheetId"])
        if tab is None:
            return {}, f"No grid with id: {start['sheetId']}"
        if message := self.objection(tab, [[entered(cell) for cell in row["values"]] for row in asked["rows"]]):
            return {}, message
        self.fill(tab, start["rowIndex"], start["columnIndex"], asked)
        return {}, ""

    def cut_paste(self, asked: dict[str, Any]) -> Done:
        """Cells with their formats, from one place to another, in whichever tab: here one whole row."""
        source, to = asked["source"], asked["destination"]
        tab, target = self.ids.get(source["sheetId"]), self.ids.get(to["sheetId"])
        if tab is None or target is None:
            return {}, f"No grid with id: {source['sheetId'] if tab is None else to['sheetId']}"
        if message := self.objection(tab, []):
            return {}, message
        rows, top, down = self.tabs[tab], source["startRowIndex"], to["rowIndex"]
        grid.put(self.tabs[target], down, 0, [rows[top] if top < len(rows) else []])
        formats = self.formats.get(tab, {})
        moved = {place: formats.pop(place) for place in [*formats] if place[0] == top}
        self.formats.setdefault(target, {}).update({(down, column): shape for (_, column), shape in moved.items()})
        if top < len(rows):
            rows[top] = []
        return {}, ""

    def insert_dimension(self, asked: dict[str, Any]) -> Done:
        """Empty rows."""
        cells = asked["range"]
        tab, first, count = self.ids[cells["sheetId"]], cells["startIndex"], cells["endIndex"] - cells["startIndex"]
        self.tabs[tab][first:first] = [[] for _ in range(count)]
        formats = self.formats.get(tab, {})
        self.formats[tab] = {(row + count * (row >= first), column): given for (row, column), given in formats.items()}
        return {}, ""

    def delete_sheet(self, asked: dict[str, Any]) -> Done:
        tab = self.ids.pop(asked["sheetId"], None)
        if tab is None:
            return {}, f"No grid with id: {asked['sheetId']}"
        for kept in (self.tabs, self.formats, self.columns, self.choices):
            kept.pop(tab, None)
        return {}, ""

    def repeat_cell(self, asked: dict[str, Any]) -> Done:
        """The same in each cell; here in whole columns only."""
        cells = asked["range"]
        shapes = self.columns.setdefault(self.ids[cells["sheetId"]], {})
        for column in range(cells["startColumnIndex"], cells["endColumnIndex"]):
            shapes[column] = shapes.get(column, {}) | named_by(asked["fields"], asked["cell"]["userEnteredFormat"])
        return {}, ""

    def set_data_validation(self, asked: dict[str, Any]) -> Done:
        """A choice in a whole column. Empty cells stay empty, so they are no data (those of tick boxes are FALSE)."""
        cells, condition = asked["range"], asked["rule"]["condition"]
        choices = self.choices.setdefault(self.ids[cells["sheetId"]], {})
        choices[cells["startColumnIndex"]] = [value["userEnteredValue"] for value in condition["values"]]
        return {}, ""

    def append_cells(self, asked: dict[str, Any]) -> Done:
        """Below the last row that has data, filtered and hidden ones too; of formats only those that are given
        (github.com/tidyverse/googlesheets4/issues/204).
        """
        tab = self.ids.get(asked["sheetId"])
        if tab is None:
            return {}, f"No grid with id: {asked['sheetId']}"
        if message := self.objection(tab, [[entered(cell) for cell in row["values"]] for row in asked["rows"]]):
            return {}, message
        self.fill(tab, len(grid.trimmed([any(row) for row in self.tabs[tab]])), 0, asked)
        return {}, ""

    def fill(self, tab: str, top: int, left: int, asked: dict[str, Any]) -> None:
        """Put the cells there: of each what the mask `fields` names, so that a value which is not given is cleared."""
        rows = [row["values"] for row in asked["rows"]]
        cells = {(down, across): cell for down, row in enumerate(rows, top) for across, cell in enumerate(row, left)}
        if "userEnteredFormat" in asked["fields"]:
            formats = self.formats.setdefault(tab, {})
            for place, cell in cells.items():
                formats[place] = formats.get(place, {}) | named_by(asked["fields"], cell.get("userEnteredFormat", {}))
        if "userEnteredValue" in asked["fields"]:
            for (row, column), cell in cells.items():
                value = grid.shown(entered(cell), self.number_format(tab, row, column))
                grid.put(self.tabs[tab], row, column, [[value]])

    def objection(self, tab: str, values: list[list[Any]]) -> str:
        if tab in self.protected:
            return "You are trying to edit a protected cell or object. Please contact the spreadsheet owner."
        return self.rules.get(tab) or objection(values, self.refuses) or self.too_full(values)

    def too_full(self, values: list[list[Any]]) -> str:
        used = sum(len(rows) * max(map(len, rows), default=0) for rows in self.tabs.values())
        full = used + sum(map(len, values)) > self.cells
        return (
            "This action would increase the number of cells in the workbook above the limit of 10000000 cells." * full
        )

    def answered(self, areas: list[tuple[str, str]]) -> dict[str, Any]:
        """A tab as it is after a write: an entry of `data` for each area, in their order."""
        sheets = [self.sheet(tab, area) for tab, area in areas]
        return sheets[0] | {"data": [data for sheet in sheets for data in sheet["data"]]}

    def sheet(self, tab: str, area: str) -> dict[str, Any]:
        """What is asked of one tab with `sheets(properties(sheetId,title),data(rowData(values(…))))`."""
        top, left, _, _ = grid.corners(area)
        rows = grid.read(self.tabs[tab], area, "ROWS")
        data = [
            {"values": [self.cell(tab, down, across, value) for across, value in enumerate(row, start=left)]}
            for down, row in enumerate(rows, start=top)
        ]
        width = self.width(tab)
        properties = {"sheetId": self.id_of(tab), "title": tab, "gridProperties": {"columnCount": width}}
        starts = {name: number for name, number in (("startRow", top), ("startColumn", left)) if number}
        return {"properties": properties, "data": [starts | ({"rowData": data} if data else {})]}

    def cell(self, tab: str, row: int, column: int, value: str) -> dict[str, Any]:
        shape = self.number_format(tab, row, column)
        shown = {"formattedValue": value} if value else {}
        return shown | ({"userEnteredFormat": {"numberFormat": shape}} if shape else {})

    def number_format(self, tab: str, row: int, column: int) -> dict[str, str]:
        """A cell's own, else its column's."""
        cell = self.formats.get(tab, {}).get((row, column), {})
        return dict(cell.get("numberFormat") or self.columns.get(tab, {}).get(column, {}).get("numberFormat", {}))

    def id_of(self, tab: str) -> int:
        if tab not in self.ids.values():
            self.ids[max(self.ids, default=-1) + 1] = tab
        return next(number for number, title in self.ids.items() if title == tab)

    def width(self, tab: str) -> int:
        return self.widths.get(tab, max([26, *map(len, self.tabs[tab])]))

    def outside(self, areas: list[tuple[str, str]]) -> str:
        """What it says of an area that is not on the tab; "" where all are. Tabs are as wide as Google makes them, but
        for those in `widths`.
        """
        for tab, area in areas:
            width = self.width(tab)
            if grid.corners(area)[1] >= width:
                return f"Range ({tab}!{area}) exceeds grid limits. Max columns: {width}"
        return ""


def objection(values: list[list[Any]], refuses: str) -> str:
    """Why these cells are not taken; "" where they are."""
    texts = [value for row in values for value in row if isinstance(value, str)]
    if any(len(text.encode("utf-16-le", "surrogatepass")) // 2 > CELL_UNITS for text in texts):
        return "Your input contains more than the maximum of 50000 characters in a single cell."
    if any(re.search("[\x00\ud800-\udfff]", text) for text in texts):
        return "Invalid JSON payload received. Unknown encoding."
    if refuses and any(refuses in text for text in texts):
        return "Invalid values."
    odd = [value for row in values for value in row if not isinstance(value, str | int | float | None)]
    return "Invalid values: list_value is not a cell" if odd else ""


def entered(cell: dict[str, Any]) -> Any:
    """A cell's value; a formula is computed, and what only looks like one is not."""
    value = cell.get("userEnteredValue", {})
    if "formulaValue" in value:
        return f"computed({value['formulaValue']})"
    return next(iter(value.values()), None)


def named_by(fields: str, cell: dict[str, Any]) -> dict[str, Any]:
    """What a mask names of a cell's format; what it names and the cell does not have is cleared."""
    names = [name.split(".")[1] for name in fields.split(",") if name.startswith("userEnteredFormat.")]
    return {name: cell.get(name, {}) for name in names}


def refusal(status: int, code: str, message: str) -> Reply:
    return status, {"error": {"code": status, "message": message, "status": code}}
