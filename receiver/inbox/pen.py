"""Refused requests that look like InboundFlow's, kept whole for a week: the secret may have been wrong, not they."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..events import Delivery
from ..store import Database, Row, Transaction
from .deliveries import columns, keep

KEPT = 200  # of a source: ten failures disable a webhook, so this is many outages
BODY_BYTES = 64 * 1024  # documented payloads are a few KiB
KEPT_US = 7 * 86_400_000_000

COLUMNS = "id, source, received_us, reason, headers, body"
# What was written already, in a commit that seemed to fail, is not written again.
ADD = """
INSERT INTO pen (source, received_us, reason, headers, body) SELECT ?, ?, ?, ?, ? WHERE NOT EXISTS
    (SELECT 1 FROM pen WHERE source = ? AND received_us = ? AND headers = ?)
"""
TRIM = """
DELETE FROM pen WHERE source = ? AND id NOT IN
    (SELECT id FROM pen WHERE source = ? ORDER BY received_us DESC, id DESC LIMIT ?)
"""


@dataclass(frozen=True, kw_only=True)
class Penned:
    """One refused request, as it came; `headers` hold its signature."""

    id: int = 0
    source: str = ""
    received_us: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


def write_pen(tx: Transaction, source: str, requests: Sequence[Penned]) -> None:
    """Add requests of one source; the oldest make room."""
    tx.executemany(
        ADD,
        [
            (source, request.received_us, request.reason, (headers := json.dumps(dict(request.headers))), request.body,
             source, request.received_us, headers)
            for request in requests
        ],
    )  # fmt: skip
    tx.execute(TRIM, (source, source, KEPT))


def empty(tx: Transaction, now_us: int) -> int:
    """Delete what is a week old, or was received by a clock that was that far ahead."""
    return tx.execute(
        "DELETE FROM pen WHERE received_us < ? OR received_us > ?", (now_us - KEPT_US, now_us + KEPT_US)
    ).rowcount


def penned(db: Database, source: str | None = None, *, limit: int = 0) -> list[Penned]:
    """The newest first, of one source or of all. Raises StoreError."""
    where, values = ("", ()) if source is None else ("WHERE source = ?", (source,))
    sql = f"SELECT {COLUMNS} FROM pen {where} ORDER BY received_us DESC, id DESC" + (f" LIMIT {limit}" if limit else "")
    return [from_row(row) for row in db.read(sql, values)]


def from_row(row: Row) -> Penned:
    columns = dict(row) | {"headers": json.loads(row["headers"]), "body": bytes(row["body"])}
    return Penned(**columns)


def take_in(tx: Transaction, request: Penned, delivery: Delivery) -> str:
    """Keep a delivery that was in the pen, and let it out: `stored` or `duplicate`; "" where somebody else has."""
    if not tx.execute("DELETE FROM pen WHERE id = ?", (request.id,)).rowcount:
        return ""
    return keep(tx, delivery, columns(delivery))


def let_go(tx: Transaction, ids: Sequence[int]) -> int:
    """Delete these; how many there were."""
    return sum(tx.execute("DELETE FROM pen WHERE id = ?", (id,)).rowcount for id in ids)
