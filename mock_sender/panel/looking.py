"""What the pages show of deliveries and their attempts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from flask import abort

from ..book import Row
from ..inboundflow import InboundFlow
from ..records import Delivery, Refused
from .outcomes import Outcome, outcome

LISTED = 50  # deliveries on a page, the newest
SHOWN_CHARS = 300_000  # of a body: more than the longest there is
LAST = """
SELECT deliveries.*, status, failure, answer, latency_s FROM deliveries
LEFT JOIN attempts ON attempts.delivery = deliveries.id AND attempts.number = deliveries.attempts
WHERE connection_id = ? ORDER BY deliveries.id DESC LIMIT ?
"""
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A delivery in the list."""

    id: int
    event: str
    at: float
    test: bool
    state: str
    attempts: int
    next_at: float | None
    last: Outcome | None  # of its last attempt


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One attempt, with what went over the wire."""

    number: int
    at: float
    line: str  # the first line of the request
    headers: list[tuple[str, str]]
    body: str
    pretty: str  # the same, indented, where it is JSON
    result: Outcome
    answer: str


def get_or_404(look: Callable[[int], T], id: int) -> T:
    """The row with this id. Aborts with 404 where there is none."""
    try:
        return look(id)
    except Refused:
        abort(404)


def listed(flow: InboundFlow, connection: int) -> list[Shown]:
    """The newest first."""
    return [
        Shown(
            id=row["id"], event=row["event"], at=row["at"], test=bool(row["test"]), state=row["state"],
            attempts=row["attempts"], next_at=row["next_at"],
            last=None if row["latency_s"] is None else result(row),
        )
        for row in flow.book.read(LAST, connection, LISTED)
    ]  # fmt: skip


def missed(flow: InboundFlow, connection: int) -> int:
    """How many happened while it was disabled."""
    sql = "SELECT count(*) AS n FROM deliveries WHERE connection_id = ? AND state = 'missed'"
    return int(flow.book.read(sql, connection)[0]["n"])


def tries(flow: InboundFlow, delivery: Delivery) -> list[Tried]:
    return [tried(row) for row in reversed(flow.attempts(delivery.id))]


def tried(row: Row) -> Tried:
    head, _, body = row["request"].partition(b"\r\n\r\n")
    line, *headers = head.decode(errors="backslashreplace").split("\r\n")
    text = body.decode(errors="backslashreplace")[:SHOWN_CHARS]
    return Tried(
        number=row["number"], at=row["at"], line=line, headers=[pair(header) for header in headers], body=text,
        pretty=pretty(text), result=result(row), answer=pretty(row["answer"]),
    )  # fmt: skip


def pair(header: str) -> tuple[str, str]:
    name, _, value = header.partition(":")
    return name, value.strip()


def pretty(text: str) -> str:
    try:
        indented = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
    return indented.encode(errors="backslashreplace").decode()  # half of an emoji is no text for a page


def result(row: Row) -> Outcome:
    return outcome(row["status"], row["failure"], row["latency_s"], row["answer"])


def clock(time_s: float) -> str:
    """By the clock of this machine, whose zone is named once beside a list."""
    return datetime.fromtimestamp(time_s).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def zone() -> str:
    return datetime.now().astimezone().strftime("%Z")


def moment(time_s: float) -> str:
    return datetime.fromtimestamp(time_s).astimezone().isoformat(timespec="seconds")
