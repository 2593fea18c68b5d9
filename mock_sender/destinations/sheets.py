"""Google Sheets v4 and Google's token endpoint, for the calls that are made.

https://developers.google.com/workspace/sheets/api/reference/rest
"""

from __future__ import annotations

import base64
import copy
import json
import re
import threading
import time
from typing import Any
from urllib.parse import parse_qs, unquote

from . import grid

SHEET_ID = "demo-sheet"
ACCESS_TOKEN = "ya29.demo"  # noqa: S105 - the demo's
CELL_UNITS = 50_000
BODY_BYTES = 10_000_000
MINUTE_S = 60

REQUESTS = {
    "addSheet": "add_sheet", "updateCells": "update_cells", "appendCells": "append_cells", "repeatCell": "repeat_cell",
    "setDataValidation": "set_data_validation",
}  # fmt: skip

Reply = tuple[int, Any]
Query = dict[str, list[str]]
Done = tuple[dict[str, Any], str]  # what is answered to one request of a batch, or why none of it is done


class Sheets:
    """One sheet: its tabs by name, as rows of the texts that people see. What it should refuse is set from outside."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.tabs: dict[str, list[list[str]]] = {}
        self.ids: dict[int, str] = {}
        self.formats: dict[str, dict[tuple[int, int], dict[str, Any]]] = {}  # of each cell of a tab that has any
        self.columns: dict[str, dict[int, dict[str, Any]]] = {}  # the formats of whole columns, where a cell has none
        self.choices: dict[str, dict[int, list[str]]] = {}  # the columns that have a dropdown, from the second row on
        self.widths: dict[str, int] = {}  # of tabs from which a person deleted columns
        self.hidden_rows: dict[str, set[int]] = {}  # by hand, or by a basic filter; counted from 0
        self.hidden_columns: dict[str, set[int]] = {}
        self.calls: list[str] = []
        self.protected: set[str] = set()  # tabs that the service account may not edit
        self.rules: dict[
            str, str
        ] = {}  # why a tab takes no row (a filter, merged cells, a validation): Google's sentence
        self.refuses = ""  # a text that it takes in no cell, for reasons of its own
        self.cells = 10_000_000  # as many as a sheet may have
        self.writes_per_minute: int | None = None  # None: as many as one likes
        self.reads_per_minute: int | None = None
        self.write_times: list[float] = []  # by the clock, of each that was asked for
        self.read_times: list[float] = []

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Reply:
        if path == "/token":
            return self.token(body)
        if headers.get("authorization") != f"Bearer {ACCESS_TOKEN}":
            return refusal(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        match = re.fullmatch(r"/v4/spreadsheets/([^/:]+)(?:/values/([^/:]+))?(:\w+)?", path)
        if not match or match[1] != SHEET_ID:
            return refusal(404, "NOT_FOUND", "Requested entity was not found.")
        if len(body) > BODY_BYTES:
            return refusal(413, "INVALID_ARGUMENT", "Request payload size exceeds the limit.")
        with self.mutex:
            asked = json.loads(body or b"{}")
            self.calls.append(f"{method} {call_name(match[2], match[3], asked)}")
            if self.too_often(method):
                return refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric of sheets.googleapis.com")
            return self.act(method, unquote(match[2] or ""), match[3] or "", parse_qs(query), asked)

    def token(self, body: bytes) -> Reply:
        """A service account's signed assertion for an access token."""
        asked = parse_qs(body.decode())
        parts = asked.get("assertion", [""])[0].split(".")
        if len(parts) != 3:
            return 400, {"error": "invalid_grant", "error_description": "Invalid JWT."}
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
        if not {"iss", "aud", "scope", "exp"} <= claims.keys():
            return 400, {"error": "invalid_grant", "error_description": "Invalid JWT: a claim is missing."}
        return 200, {"access_token": ACCESS_TOKEN, "expires_in": 3600, "token_type": "Bearer"}

    def too_often(self, method: str) -> bool:
        reads = method == "GET"
        times, limit = (self.read_times, self.reads_per_minute) if reads else (self.write_times, self.writes_per_minute)
        now = time.time()
        recent = sum(1 for moment in times if moment > now - MINUTE_S)
        times.append(now)
        return limit is not None and recent >= limit

    def act(self, method: str, cells: str, verb: str, query: Query, body: dict[str, Any]) -> Reply:
        if verb == ":batchUpdate":
            return self.batch_update(body)
        areas = [grid.parse(area) for area in ([cells] if cells else query["ranges"])]
        tab, area = areas[0]
        if tab not in self.tabs or not area:
            return refusal(400, "INVALID_ARGUMENT", f"Unable to parse range: {tab}")
        if message := self.outside(areas):
            return refusal(400, "INVALID_ARGUMENT", message)
        if not cells:
            return 200, {"sheets": [self.answered(areas)]}
        if method == "GET":
            major = query.get("majorDimension", ["ROWS"])[0]
            values = grid.read(self.tabs[tab], area, major)
            answer = {"range": f"{grid.named(tab)}!{area}", "majorDimension": major}
            return 200, answer | ({"values": values} if values else {})
        if message := self.objection(tab, body["values"]):
            return refusal(400, "INVALID_ARGUMENT", message)
        values = [[written(value, query) for value in row] for row in body["values"]]
        return self.append(tab, values, query) if verb == ":append" else self.update(tab, area, values)

    def sheet(self, tab: str, area: str) -> dict[str, Any]:
        """What is asked of one tab with `sheets(properties(sheetId,title),data(rowData(values(…))))`."""
        top, left, _, _ = grid.corners(area)
        rows = grid.read(self.tabs[tab], area, "ROWS")
        data = [
            {"values": [self.cell(tab, down, across, value) for across, value in enumerate(row, start=left)]}
            for down, row in enumerate(rows, start=top)
        ]
        properties = {"sheetId": self.id_of(tab), "title": tab}
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

    def outside(self, areas: list[tuple[str, str]]) -> str:
        """What it says of an area that is not on the tab; "" where all are. Tabs are as wide as Google makes them, but
        for those in `widths`.
        """
        for tab, area in areas:
            width = self.widths.get(tab, max([26, *map(len, self.tabs[tab])]))
            if grid.corners(area)[1] >= width:
                return f"Range ({tab}!{area}) exceeds grid limits. Max columns: {width}"
        return ""

    def answered(self, areas: list[tuple[str, str]]) -> dict[str, Any]:
        """A tab as it is after a write: an entry of `data` for each area, in their order."""
        sheets = [self.sheet(tab, area) for tab, area in areas]
        return sheets[0] | {"data": [data for sheet in sheets for data in sheet["data"]]}

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

    def update(self, tab: str, area: str, values: list[list[Any]]) -> Reply:
        top, left, _, _ = grid.corners(area)
        grid.put(self.tabs[tab], top, left, values)
        return 200, updated(tab, top, left, values)

    def append(self, tab: str, values: list[list[Any]], query: Query) -> Reply:
        """Behind the table at A1, as far as that is seen. Rows that are inserted look like the one above them
        (github.com/nithinmurali/pygsheets/issues/285 and 573).
        """
        first = self.end_of_table(tab)
        if query.get("insertDataOption") == ["INSERT_ROWS"]:
            self.tabs[tab][first:first] = [[] for _ in values]
            self.formats[tab] = grid.inherited(self.formats.get(tab, {}), first, len(values))
        grid.put(self.tabs[tab], first, 0, values)
        return 200, {"spreadsheetId": SHEET_ID, "updates": updated(tab, first, 0, values)}

    def end_of_table(self, tab: str) -> int:
        """Hidden columns lead to the top (github.com/PipedreamHQ/pipedream/issues/19870), and the table ends where a
        row is hidden (github.com/theoephraim/node-google-spreadsheet/issues/321 and 591).
        """
        if self.hidden_columns.get(tab):
            return 1
        hidden = self.hidden_rows.get(tab, set())
        return grid.end_of_table([[] if number in hidden else row for number, row in enumerate(self.tabs[tab])])

    def rows(self, tab: str) -> list[dict[str, str]]:
        """The rows below the first, each by its column's name."""
        header, rest = self.tabs[tab][:1], self.tabs[tab][1:]
        return [dict(zip(header[0], row, strict=False)) for row in rest]

    def effects(self) -> list[dict[str, str]]:
        with self.mutex:
            return self.landed()

    def landed(self) -> list[dict[str, str]]:
        return [
            {"delivery_id": row["delivery_id"], "where": f"{tab}, row {number}"}
            for tab in self.tabs
            for number, row in enumerate(self.rows(tab), start=2)
            if row.get("delivery_id")
        ]


def updated(tab: str, top: int, left: int, values: list[list[Any]]) -> dict[str, Any]:
    width = max(map(len, values))
    area = f"{grid.letters(left)}{top + 1}:{grid.letters(left + width - 1)}{top + len(values)}"
    return {
        "spreadsheetId": SHEET_ID, "updatedRange": f"{grid.named(tab)}!{area}",
        "updatedRows": len(values), "updatedColumns": width, "updatedCells": sum(map(len, values)),
    }  # fmt: skip


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


def call_name(cells: str | None, verb: str | None, asked: dict[str, Any]) -> str:
    if verb == ":batchUpdate":
        return str(next(iter(asked["requests"][0])))
    return verb or ("values" if cells else "spreadsheet")


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


def written(value: Any, query: Query) -> Any:
    """RAW is kept as it is; USER_ENTERED would run what looks like a formula."""
    if query.get("valueInputOption") != ["RAW"] and str(value)[:1] in "=+":
        return f"computed({value})"
    return value


def refusal(status: int, code: str, message: str) -> Reply:
    return status, {"error": {"code": status, "message": message, "status": code}}
