"""The runs of targets that are for a day: one each, on the last delivery that had come when the day ended.

What a run is about is kept as a fact of its lane, in the transaction that opens it: the deliveries after those of the
run before. So none is in two days, and none in no day, whenever the time of the day is changed and whoever dies.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from ..registry import Lane
from ..store import Database, Row, Transaction

FACT = "day: "  # so begin the names of these facts
DAY_US = 86_400_000_000
REMEMBERED = 40  # days of a lane; an older one that is replayed is about the 24 hours before its delivery
MOST = 10_000  # deliveries of one day

LAST = "SELECT coalesce(max(id), 0) AS id FROM deliveries WHERE source = ? AND id > ? AND received_us <= ?"
BEGIN = "INSERT INTO facts (name, value, noted_us) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING"
MOVE_ON = "UPDATE facts SET value = ?, noted_us = ? WHERE name = ? AND value = ?"
OPEN_RUN = """
INSERT INTO runs (delivery_id, source, handler, target, call_id, next_attempt_us)
SELECT id, source, ?, ?, call_id, ? FROM deliveries WHERE id = ?
ON CONFLICT DO NOTHING
"""
OF_DAY = """
SELECT d.* FROM deliveries AS d JOIN runs AS r ON r.id = ?
WHERE d.source = ? AND d.id > ? AND d.id <= r.delivery_id AND d.received_us > ? ORDER BY d.id LIMIT ?
"""


def open_day(db: Database, lane: Lane, end_us: int, now_us: int) -> bool:
    """Open the lane's run for the day that ended at `end_us`, once; whether there was something to do.

    A lane that is new begins with what comes from then on. Raises StoreError.
    """
    rows = db.read("SELECT value FROM facts WHERE name = ?", (fact(lane),))
    before = str(rows[0]["value"]) if rows else ""
    if before and is_over(json.loads(before), end_us, now_us):
        return False
    db.commit(partial(move_on, lane=lane, before=before, end_us=end_us, now_us=now_us))
    return True


def is_over(day: dict[str, Any], end_us: int, now_us: int) -> bool:
    """Whether the lane is past this end. One more than a day ahead was noted by a clock that was ahead."""
    return bool(end_us <= day["end_us"] <= now_us + DAY_US)


def move_on(tx: Transaction, *, lane: Lane, before: str, end_us: int, now_us: int) -> None:
    """Two at once cannot both do it: the fact has changed for the second. Done twice, it does nothing."""
    day: dict[str, Any] = json.loads(before) if before else {"last": 0, "after": {}}
    last = tx.execute(LAST, (lane.source, day["last"], end_us)).fetchone()["id"]
    after = dict(list(day["after"].items())[-REMEMBERED:])
    if before and last:
        after[str(last)] = day["last"]
    value = json.dumps({"end_us": end_us, "last": max(last, day["last"]), "after": after})
    if not before:
        tx.execute(BEGIN, (fact(lane), value, now_us))
    elif tx.execute(MOVE_ON, (value, now_us, fact(lane), before)).rowcount and last:
        tx.execute(OPEN_RUN, (lane.handler, lane.target, now_us, last))


def forget_days(db: Database, lanes: Collection[Lane], handlers: Collection[str]) -> None:
    """Drop what is known of lanes that are gone; of these handlers, which may be set by half, nothing is dropped."""
    names = {fact(lane) for lane in lanes}
    rows = db.read("SELECT name FROM facts WHERE name LIKE ?", (f"{FACT}%",))
    unknown = [str(row["name"]) for row in rows if row["name"] not in names]
    gone = [name for name in unknown if json.loads(name.removeprefix(FACT))[1] not in handlers]
    if gone:
        db.commit(lambda tx: tx.executemany("DELETE FROM facts WHERE name = ?", [(name,) for name in gone]))


def deliveries_of_day(db: Database, lane: Lane, run: int) -> Sequence[Row]:
    """What this run of the lane is about, oldest first. Raises StoreError."""
    [delivery] = db.read(
        "SELECT d.id, d.received_us FROM deliveries AS d JOIN runs AS r ON r.delivery_id = d.id WHERE r.id = ?", (run,)
    )
    rows = db.read("SELECT value FROM facts WHERE name = ?", (fact(lane),))
    after = json.loads(rows[0]["value"])["after"].get(str(delivery["id"])) if rows else None
    since_us = delivery["received_us"] - DAY_US if after is None else 0
    return db.read(OF_DAY, (run, lane.source, after or 0, since_us, MOST))


def fact(lane: Lane) -> str:
    return FACT + json.dumps(lane)
