"""Learns from the deliveries that are kept, a batch after another behind a mark, and never in a request.

How many calls came in each quarter of an hour, and what InboundFlow sends that this version does not know.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..store import Database, Row, Transaction
from .novelties import UNNAMED, Novelty, novelties
from .usual import LOOKED_BACK, QUARTER_US, WEEK_US

MARK = "learned up to"  # a fact: the last delivery that was looked at
BATCH = 200
TURN_S = 2.0  # then others that read here have theirs
COMMITTED_US = 10_000_000  # a commit ends within that, and ids may become visible in another order than they count
BODY_BYTES = 256 * 1024  # what is longer is no report of a call as they are documented
# An odd sender may make names up. So many are kept of an event and of a source; the next is noted as one more.
FIELDS_KEPT, EVENTS_KEPT = 60, 30

READ = f"""
SELECT d.id, d.source, d.event, d.received_us, CASE WHEN length(d.body) <= {BODY_BYTES} THEN d.body END AS body,
    CASE WHEN EXISTS (SELECT 1 FROM deliveries AS e
                      WHERE e.call_id = d.call_id AND e.source = d.source AND e.id < d.id) THEN 0 ELSE 1 END AS is_call
FROM deliveries AS d WHERE d.id > ? ORDER BY d.id LIMIT ?
"""
START = "SELECT coalesce(min(id), 1) - 1 AS id FROM deliveries WHERE received_us >= ?"
BEGIN = "INSERT INTO facts (name, value, noted_us) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING"
MOVE_ON = "UPDATE facts SET value = ?, noted_us = ? WHERE name = ? AND value = ?"
COUNT = """
INSERT INTO call_quarters (source, quarter, calls) VALUES (?, ?, ?)
ON CONFLICT (source, quarter) DO UPDATE SET calls = call_quarters.calls + excluded.calls
"""
KEEP = """
INSERT INTO new_fields (source, event, field, type, example, first_us) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
SEEN = "SELECT event, field, type FROM new_fields WHERE source = ?"


@dataclass(frozen=True, kw_only=True)
class NewField:
    """What InboundFlow sends and this version does not know, since when, and what a value of it looks like."""

    source: str
    event: str
    field: str  # "": the event itself
    type: str
    example: str
    first_us: int


def new_fields(db: Database) -> list[NewField]:
    """The newest first. Raises StoreError."""
    rows = db.read("SELECT * FROM new_fields ORDER BY first_us DESC, source, event, field, type")
    return [NewField(**dict(row)) for row in rows]


def learn(db: Database, *, turn_s: float = TURN_S) -> str:
    """A chore: go on from where the last turn ended. Raises StoreError."""
    end = time.monotonic() + turn_s
    while learn_batch(db) == BATCH and time.monotonic() < end:
        pass
    return ""


def learn_batch(db: Database) -> int:
    """How many deliveries were looked at; what another process has looked at meanwhile counts once."""
    now_us = db.now_us()
    mark = marked(db, now_us)
    rows = settled(db.read(READ, (mark, BATCH)), now_us)
    if rows:
        seen = [(row, novelty) for row in rows for novelty in novelties(row["event"], bytes(row["body"] or b""))]
        calls = Counter((row["source"], row["received_us"] // QUARTER_US) for row in rows if row["is_call"])

        def write(tx: Transaction) -> None:
            if tx.execute(MOVE_ON, (str(rows[-1]["id"]), now_us, MARK, str(mark))).rowcount:
                tx.executemany(COUNT, [(*key, number) for key, number in sorted(calls.items())])
                keep_new(tx, seen)
                forget(tx, now_us)

        db.commit(write)
    return len(rows)


def marked(db: Database, now_us: int) -> int:
    """At first, so far back as is compared."""
    rows = db.read("SELECT value FROM facts WHERE name = ?", (MARK,))
    if not rows:
        start = str(db.read(START, (now_us - LOOKED_BACK * WEEK_US,))[0]["id"])
        db.commit(lambda tx: tx.execute(BEGIN, (MARK, start, now_us)))
        return marked(db, now_us)
    return int(rows[0]["value"])


def settled(rows: Sequence[Row], now_us: int) -> list[Row]:
    """Those before the first that is so new that one with a smaller id may still be committed."""
    settled = []
    for row in rows:
        if now_us - COMMITTED_US < row["received_us"] <= now_us:
            break
        settled.append(row)
    return settled


def keep_new(tx: Transaction, seen: Iterable[tuple[Row, Novelty]]) -> None:
    by_source: dict[str, list[tuple[Row, Novelty]]] = {}
    for row, novelty in seen:
        by_source.setdefault(row["source"], []).append((row, novelty))
    for source, pairs in sorted(by_source.items()):
        known = {(row["event"], row["field"], row["type"]) for row in tx.execute(SEEN, (source,)).fetchall()}
        for row, novelty in pairs:
            kept = bounded(novelty, known)
            if kept[:3] not in known:
                known.add(kept[:3])
                tx.execute(KEEP, (source, *kept, row["received_us"]))


def bounded(novelty: Novelty, known: set[tuple[str, str, str]]) -> Novelty:
    """As it is, or as one more where there is no room for its name."""
    if novelty[:3] in known:
        return novelty
    events = {event for event, _, _ in known}
    if novelty.event not in events and len(events) >= EVENTS_KEPT:
        return Novelty(UNNAMED, "", "event", "")
    if sum(event == novelty.event for event, _, _ in known) >= FIELDS_KEPT:
        return Novelty(novelty.event, UNNAMED, "more", "")
    return novelty


def forget(tx: Transaction, now_us: int) -> None:
    oldest = (now_us - (LOOKED_BACK + 1) * WEEK_US) // QUARTER_US
    tx.execute("DELETE FROM call_quarters WHERE quarter < ?", (oldest,))
