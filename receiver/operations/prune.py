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
from .selection import marks
from .source_settings import SourceSettings

AT_ONCE = 200  # deliveries in one transaction: while it lasts, no acknowledgement is committed
REST_S = 0.05  # between two, for those that wait to be acknowledged
MINUTE_US = 60_000_000

# Deliveries in the order of their index on the time of receipt. Tombstones are passed on the way: they are small.
OLD = f"""
SELECT id, received_us FROM deliveries
WHERE received_us < ? AND (received_us, id) > (?, ?) AND {PRUNABLE} AND {{scope}} ORDER BY received_us, id LIMIT ?
"""
OLDER = f"""
SELECT count(*) AS n FROM deliveries WHERE received_us < ? AND length(body) > 0 AND ({PRUNABLE}) = ? AND {{scope}}
"""
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
OLD_WORDS = """
DELETE FROM call_words WHERE call IN (SELECT id FROM calls WHERE at_us < ? AND {scope} ORDER BY at_us, id LIMIT ?)
"""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """One source, or all but some."""

    source: str | None = None
    but: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return self.but if self.source is None else (self.source,)

    def condition(self, table: str = "deliveries") -> str:
        """About rows of this table. A source of its own is looked for by the index of these."""
        source = "''" if table == "jobs" else "source"  # a job is of no one source
        if self.source is None:
            within = f"{source} NOT IN ({marks(self.but)})" if self.but else "1 = 1"
        else:
            within = f"{source} = ? AND {source} <> ''" if self.source else f"{source} = ?"
        return f"delivery_id IN (SELECT id FROM deliveries WHERE {within})" if table == "conflicts" else within


EVERY = Scope()


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """What went, or would go with `dry_run`."""

    older_than_days: int
    source: str | None  # None: all, but those that set another time for themselves
    deliveries: int  # a tombstone of each stays
    open: int  # as old, and kept, as a run of theirs is open, or no worker has seen them
    beside: int  # rows: conflicts, counts and samples of rejections, notes of what people did
    dry_run: bool

    def to_json(self) -> dict[str, Any]:
        document = asdict(self)
        return document if self.source is not None else {k: v for k, v in document.items() if k != "source"}


def prune(
    db: Database,
    days: int,
    *,
    scope: Scope = EVERY,
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
    before = Before(us=before_us, of_table=limits, scope=scope)
    older = OLDER.format(scope=scope.condition())
    still_open = count(db, older, before_us, False, *scope.names)
    if dry_run:
        deliveries, beside = count(db, older, before_us, True, *scope.names), old_beside(db, before)
    else:
        deliveries = total(advance, (prune_deliveries(db, batch, rest) for batch in batches(db, before, at_once)))
        beside = total(advance, delete_beside(db, before, at_once, rest))
    pruned = Pruned(
        older_than_days=days,
        source=scope.source,
        deliveries=deliveries,
        open=still_open,
        beside=beside,
        dry_run=dry_run,
    )
    if by_hand and not dry_run:
        detail = {"older_than_days": days, "deliveries": deliveries}
        db.commit(lambda tx: note(tx, db.now_us(), "prune", detail, source=scope.source or ""))
    return pruned


def total(advance: Callable[[int], object], steps: Iterable[int]) -> int:
    number = 0
    for step in steps:
        advance(step)
        number += step
    return number


def keep_retention(db: Database, aging: Aging, sources: SourceSettings) -> str:
    """The chore: each source as long as it says, the others as the environment says. Raises StoreError."""
    audit_days = sources.settings.audit_days
    for days, scope in retentions(sources) if aging.is_believed() else ():
        prune(db, days, scope=scope, by_hand=False, audit_days=audit_days)
    return ""


def retentions(sources: SourceSettings) -> list[tuple[int, Scope]]:
    """After how many days what goes. Raises StoreError."""
    own = {name: settings.retention_days for name, settings in sources.named().items() if settings.retention_days}
    general = sources.settings.retention_days
    of_the_rest = [(general, Scope(but=tuple(own)))] if general else []
    return [*of_the_rest, *((days, Scope(source=name)) for name, days in own.items())]


def batches(db: Database, before: Before, at_once: int) -> Iterator[Sequence[int]]:
    place = (-1, -1)
    sql = OLD.format(scope=before.scope.condition())
    while rows := db.read(sql, (before.us, *place, *before.scope.names, at_once)):
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
    scope: Scope = EVERY

    def limit(self, table: str, unit_us: int) -> int:
        return self.of_table.get(table, self.us) // unit_us


def delete_beside(db: Database, before: Before, at_once: int, rest: Callable[[], object]) -> Iterator[int]:
    for table, key, column, unit_us in BESIDE:
        within = before.scope.condition(table)
        some = f"SELECT {key} FROM {table} WHERE {column} < ? AND {within} ORDER BY {column}, {key} LIMIT ?"
        words = OLD_WORDS.format(scope=within) if table == "calls" else ""
        sql = f"DELETE FROM {table} WHERE ({key}) IN ({some})"
        delete = Deleting(sql, (before.limit(table, unit_us), *before.scope.names, at_once), words)
        while deleted := db.commit(delete):
            yield deleted
            rest()


@dataclass(frozen=True)
class Deleting:
    sql: str
    values: Sequence[object]
    first: str = ""

    def __call__(self, tx: Transaction) -> int:
        if self.first:
            tx.execute(self.first, self.values)
        return tx.execute(self.sql, self.values).rowcount


def old_beside(db: Database, before: Before) -> int:
    return sum(
        count(
            db,
            f"SELECT count(*) AS n FROM {table} WHERE {column} < ? AND {before.scope.condition(table)}",
            before.limit(table, unit_us),
            *before.scope.names,
        )
        for table, _, column, unit_us in BESIDE
    )


def count(db: Database, sql: str, *values: object) -> int:
    return int(db.read(sql, values)[0]["n"])
