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

Reply = tuple[int, Any]
Query = dict[str, list[str]]


class Sheets:
    """One sheet: its tabs by name, as rows of texts. What it should refuse is set from outside."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.tabs: dict[str, list[list[str]]] = {}
        self.ids: dict[int, str] = {}
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
            self.calls.append(f"{method} {match[3] or 'values'}")
            if self.too_often(method):
                return refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric of sheets.googleapis.com")
            return self.act(method, unquote(match[2] or ""), match[3] or "", parse_qs(query), json.loads(body or b"{}"))

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
            return self.batch_update(body["requests"])
        tab, area = grid.parse(cells)
        if tab not in self.tabs or not area:
            return refusal(400, "INVALID_ARGUMENT", f"Unable to parse range: {cells}")
        if method == "GET":
            major = query.get("majorDimension", ["ROWS"])[0]
            values = grid.read(self.tabs[tab], area, major)
            answer = {"range": f"{grid.named(tab)}!{area}", "majorDimension": major}
            return 200, answer | ({"values": values} if values else {})
        if tab in self.protected:
            message = "You are trying to edit a protected cell or object. Please contact the spreadsheet owner."
            return refusal(400, "INVALID_ARGUMENT", message)
        if message := self.rules.get(tab) or objection(body["values"], self.refuses):
            return refusal(400, "INVALID_ARGUMENT", message)
        values = [[written(value, query) for value in row] for row in body["values"]]
        return self.append(tab, values, query) if verb == ":append" else self.update(tab, area, values)

    def batch_update(self, requests: list[dict[str, Any]]) -> Reply:
        """All of them or none."""
        tabs, ids = copy.deepcopy(self.tabs), dict(self.ids)
        replies: list[dict[str, Any]] = []
        for number, request in enumerate(requests):
            if "addSheet" in request:
                asked = request["addSheet"]["properties"]
                title, sheet_id = asked["title"], asked.get("sheetId", len(ids) + 1)
                if title.casefold() in map(str.casefold, tabs) or sheet_id in ids:
                    message = f'Invalid requests[{number}].addSheet: A sheet with the name "{title}" already exists.'
                    return refusal(400, "INVALID_ARGUMENT", message)
                tabs[title], ids[sheet_id] = [], title
                replies.append({"addSheet": {"properties": {"sheetId": sheet_id, "title": title}}})
            else:
                start, rows = request["updateCells"]["start"], request["updateCells"]["rows"]
                values = [[cell["userEnteredValue"]["stringValue"] for cell in row["values"]] for row in rows]
                grid.put(tabs[ids[start["sheetId"]]], start["rowIndex"], start["columnIndex"], values)
                replies.append({})
        self.tabs, self.ids = tabs, ids
        return 200, {"spreadsheetId": SHEET_ID, "replies": replies}

    def update(self, tab: str, area: str, values: list[list[Any]]) -> Reply:
        top, left, _, _ = grid.corners(area)
        grid.put(self.tabs[tab], top, left, values)
        return 200, updated(tab, top, left, values)

    def append(self, tab: str, values: list[list[Any]], query: Query) -> Reply:
        rows = self.tabs[tab]
        used = sum(len(tab_rows) * max(map(len, tab_rows), default=0) for tab_rows in self.tabs.values())
        if used + sum(map(len, values)) > self.cells:
            message = (
                "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
            )
            return refusal(400, "INVALID_ARGUMENT", message)
        first = grid.end_of_table(rows)
        if query.get("insertDataOption") == ["INSERT_ROWS"]:
            rows[first:first] = [[] for _ in values]
        grid.put(rows, first, 0, values)
        return 200, {"spreadsheetId": SHEET_ID, "updates": updated(tab, first, 0, values)}

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


def written(value: Any, query: Query) -> Any:
    """RAW is kept as it is; USER_ENTERED would run what looks like a formula."""
    if query.get("valueInputOption") != ["RAW"] and str(value)[:1] in "=+":
        return f"computed({value})"
    return value


def refusal(status: int, code: str, message: str) -> Reply:
    return status, {"error": {"code": status, "message": message, "status": code}}
