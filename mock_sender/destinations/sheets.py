"""Google Sheets v4 and Google's token endpoint, for the calls that are made.

https://developers.google.com/workspace/sheets/api/reference/rest
"""

from __future__ import annotations

import base64
import json
import re
import threading
from typing import Any
from urllib.parse import parse_qs, unquote

SHEET_ID = "demo-sheet"
ACCESS_TOKEN = "ya29.demo"  # noqa: S105 - the demo's

Reply = tuple[int, Any]


class Sheets:
    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.tabs: dict[str, list[list[str]]] = {}
        self.calls: list[str] = []

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Reply:
        if path == "/token":
            return self.token(body)
        if headers.get("authorization") != f"Bearer {ACCESS_TOKEN}":
            return refusal(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        found = re.fullmatch(r"/v4/spreadsheets/([^/:]+)(?:/values/([^:]+(?::[A-Z0-9]+)?))?(:\w+)?", unquote(path))
        if not found or found[1] != SHEET_ID:
            return refusal(404, "NOT_FOUND", "Requested entity was not found.")
        with self.mutex:
            return self.act(method, found[2] or "", found[3] or "", parse_qs(query), json.loads(body or b"{}"))

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

    def act(self, method: str, cells: str, verb: str, query: dict[str, list[str]], body: dict[str, Any]) -> Reply:
        if cells.endswith(":append"):
            cells, verb = cells.removesuffix(":append"), ":append"
        self.calls.append(f"{method} {verb or 'values'}")
        if verb == ":batchUpdate":
            return self.batch_update(body)
        tab, area = re.fullmatch(r"'?(.+?)'?!(.+)", cells).groups()  # type: ignore[union-attr]
        if tab not in self.tabs:
            return refusal(400, "INVALID_ARGUMENT", f"Unable to parse range: {cells}")
        if method == "GET":
            return 200, {"range": cells, "values": self.read(self.tabs[tab], area, query)}
        rows = [[written(value, query) for value in row] for row in body["values"]]
        if verb == ":append":
            return self.append(tab, rows)
        self.tabs[tab][: len(rows)] = rows
        return 200, {"updatedRange": cells}

    def batch_update(self, body: dict[str, Any]) -> Reply:
        for request in body["requests"]:
            title = request["addSheet"]["properties"]["title"]
            if title in self.tabs:
                said = f'Invalid requests[0].addSheet: A sheet with the name "{title}" already exists.'
                return refusal(400, "INVALID_ARGUMENT", said)
            self.tabs[title] = []
        return 200, {"spreadsheetId": SHEET_ID, "replies": [{}]}

    def read(self, rows: list[list[str]], area: str, query: dict[str, list[str]]) -> list[list[str]]:
        if area == "1:1":
            return rows[:1]
        letter = re.fullmatch(r"([A-Z]):\1", area)
        assert letter, area  # noqa: S101 - the only other range that is asked for
        column = ord(letter[1]) - ord("A")
        return [[row[column] if column < len(row) else "" for row in rows]]

    def append(self, tab: str, rows: list[list[str]]) -> Reply:
        first = len(self.tabs[tab]) + 1
        self.tabs[tab] += rows
        area = f"{tab}!A{first}:{chr(ord('A') + len(rows[0]) - 1)}{first + len(rows) - 1}"
        return 200, {"spreadsheetId": SHEET_ID, "updates": {"updatedRange": area, "updatedRows": len(rows)}}

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
        ]


def written(value: Any, query: dict[str, list[str]]) -> str:
    """RAW is kept as it is; USER_ENTERED would run what looks like a formula."""
    if query.get("valueInputOption") != ["RAW"] and str(value)[:1] in "=+":
        return f"computed({value})"
    return str(value)


def refusal(status: int, code: str, message: str) -> Reply:
    return status, {"error": {"code": status, "message": message, "status": code}}
