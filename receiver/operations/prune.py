"""Keeping the inbox at its size: what is older than so many days goes, in steps between which deliveries are kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..inbox import PRUNABLE, leave_tombstones
from ..settings import AUDIT_DAYS
from ..store import Database, Transaction
from .aging import DAY_US, Aging
from .audit import note

AT_ONCE = 200  # deliveries in one transaction: while it lasts, no acknowledgement is committed
REST_S = 0.05  # between two, for those that wait to be acknowledged
MINUTE_US = 60_000_000

# Deliveries in the order of their index on the time of receipt. Tombstones are passed on the way: they are small.
OLD = f"""
SELECT id, received_us FROM deliveries
WHERE received_us < ? AND (received_us, id) > (?, ?) AND {PRUNABLE} ORDER BY received_us, id LIMIT ?
"""
OLDER = f"SELECT count(*) AS n FROM deliveries WHERE received_us < ? AND length(body) > 0 AND ({PRUNABLE}) = ?"
# What else grows: the table, its key, and its time in units of so many microseconds.
BESIDE = (
    ("conflicts", "id", "received_us", 1),
    ("rejection_samples", "id", "received_us", 1),
    ("rejection_counts", "source, minute, reason", "minute", MINUTE_US),
    ("audit", "id", "at_us", 1),
    ("callbacks", "id", "at_us", 1),
    ("calls", "id", "at_us", 1),  # after their words, which have no time
    ("job_runs", "id", "made_us", 1),
    ("jobs", "id", "made_us", 1),
)
OLD_WORDS = "DELETE FROM call_words WHERE call IN (SELECT id FROM calls WHERE at_us < ? ORDER BY at_us, id LIMIT ?)"


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """What went, or would go with `dry_run`."""

    older_than_days: int
    deliveries: int  # a tombstone of each stays
    open: int  # as old, and kept, as a run of theirs is open, or no worker has seen them
    beside: int  # rows: conflicts, counts and samples of rejections, notes of what people did
    dry_run: bool

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def prune(
    db: Database,
    days: int,
    *,
    dry_run: bool = False,
    by_hand: bool = True,
    audit_days: int = AUDIT_DAYS,
    at_once: int = AT_ONCE,
    rest: Callable[[], object] = lambda: time.sleep(REST_S),
    advance: Callable[[int], object] = lambda more: None,
) -> Pruned:
    """Empty deliveries that came more than so many days ago, and delete what else is as old.

    What people did goes no sooner than after `audit_days`.
    Their ids stay, so a repeat is known as one. What still has work to be done is left alone; a dead letter has none.
    May be stopped at any time. `advance` is told how many went in each step. Raises StoreError.
    """
    before_us = db.now_us() - days * DAY_US
    limits = {"audit": min(before_us, db.now_us() - audit_days * DAY_US)}
    before = Before(us=before_us, of_table=limits)
    still_open = count(db, OLDER, before_us, False)
    if dry_run:
        deliveries, beside = count(db, OLDER, before_us, True), old_beside(db, before)
    else:
        deliveries = total(advance, (prune_deliveries(db, batch, rest) for batch in batches(db, before_us, at_once)))
        beside = total(advance, delete_beside(db, before, at_once, rest))
    pruned = Pruned(older_than_days=days, deliveries=deliveries, open=still_open, beside=beside, dry_run=dry_run)
    if by_hand and not dry_run:
        detail = {"older_than_days": days, "deliveries": deliveries}
        db.commit(lambda tx: note(tx, db.now_us(), "prune", detail))
    return pruned


def total(advance: Callable[[int], object], steps: Iterable[int]) -> int:
    number = 0
    for step in steps:
        advance(step)
        number += step
    return number


def keep_retention(db: Database, aging: Aging, days: int, audit_days: int = AUDIT_DAYS) -> str:
    """The chore. Raises StoreError."""
    if aging.is_believed():
        prune(db, days, by_hand=False, audit_days=audit_days)
    return ""


def batches(db: Database, before_us: int, at_once: int) -> Iterator[Sequence[int]]:
    place = (-1, -1)
    while rows := db.read(OLD, (before_us, *place, at_once)):
        yield [row["id"] for row in rows]
        place = (rows[-1]["received_us"], rows[-1]["id"])


def prune_deliveries(db: Database, ids: Sequence[int], rest: Callable[[], object]) -> int:
    now_us = db.now_us()
    pruned = db.commit(lambda tx: leave_tombstones(tx, ids, now_us))
    rest()
    return pruned


@dataclass(frozen=True, kw_only=True)
class Before:
    """What is older goes; of a table that is kept for longer, what is older than that."""

    us: int
    of_table: Mapping[str, int]

    def limit(self, table: str, unit_us: int) -> int:
        return self.of_table.get(table, self.us) // unit_us


def delete_beside(db: Database, before: Before, at_once: int, rest: Callable[[], object]) -> Iterator[int]:
    for table, key, column, unit_us in BESIDE:
        some = f"SELECT {key} FROM {table} WHERE {column} < ? ORDER BY {column}, {key} LIMIT ?"
        words = OLD_WORDS if table == "calls" else ""
        sql = f"DELETE FROM {table} WHERE ({key}) IN ({some})"
        delete = Deleting(sql, (before.limit(table, unit_us), at_once), words)
        while deleted := db.commit(delete):
            yield deleted
            rest()


@dataclass(frozen=True)
class Deleting:
    sql: str
    values: Sequence[int]
    first: str = ""

    def __call__(self, tx: Transaction) -> int:
        if self.first:
            tx.execute(self.first, self.values)
        return tx.execute(self.sql, self.values).rowcount


def old_beside(db: Database, before: Before) -> int:
    return sum(
        count(
            db,
            f"SELECT count(*) AS n FROM {table} WHERE {column} < ?",
            before.limit(table, unit_us),
        )
        for table, _, column, unit_us in BESIDE
    )


def count(db: Database, sql: str, *values: object) -> int:
    return int(db.read(sql, values)[0]["n"])
