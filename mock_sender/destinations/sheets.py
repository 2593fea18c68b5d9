"""Google Sheets v4 and Google's token endpoint, for the calls that are made.

https://developers.google.com/workspace/sheets/api/reference/rest
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from typing import Any
from urllib.parse import parse_qs, unquote

from . import grid
from .tabs import SHEET_ID as SHEET_ID
from .tabs import Reply, Tabs, refusal

ACCESS_TOKEN = "ya29.demo"  # noqa: S105 - the demo's
BODY_BYTES = 10_000_000
MINUTE_S = 60

Query = dict[str, list[str]]


class Sheets(Tabs):
    """One sheet, as its API gives and takes it."""

    def __init__(self) -> None:
        super().__init__()
        self.mutex = threading.Lock()
        self.hidden_rows: dict[str, set[int]] = {}  # by hand, or by a basic filter; counted from 0
        self.hidden_columns: dict[str, set[int]] = {}
        self.calls: list[str] = []
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


def call_name(cells: str | None, verb: str | None, asked: dict[str, Any]) -> str:
    if verb == ":batchUpdate":
        return str(next(iter(asked["requests"][0])))
    return verb or ("values" if cells else "spreadsheet")


def written(value: Any, query: Query) -> Any:
    """RAW is kept as it is; USER_ENTERED would run what looks like a formula."""
    if query.get("valueInputOption") != ["RAW"] and str(value)[:1] in "=+":
        return f"computed({value})"
    return value
