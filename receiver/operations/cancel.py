"""Ending runs by hand: what somebody has seen to otherwise, or what nobody is to get any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from ..inbox import CANCELLED
from ..store import Database, Row, Transaction
from .find import Selection

AT_ONCE = 500  # runs in one transaction: while it lasts, no acknowledgement is committed
ENDABLE = ("pending", "queued", "retrying", "dead")

Places = Counter[tuple[str, str, str]]  # by (handler, target, state)


def cancel(db: Database, selection: Selection, reason: str, *, dry_run: bool = False) -> Places:
    """End runs that wait or are dead as skipped, with the reason; how many, by the state in which they were.

    What a worker has in hand at that moment is left to it, and what succeeded stays. The delivery stays too, and a
    replay that names it opens its runs again. Raises StoreError.
    """
    done: Places = Counter()
    last = 0
    while page := runs_after(db, selection, last):
        done += count(page) if dry_run else db.commit(partial(end, page=page, reason=reason))
        last = page[-1]["id"]
    return done


def at_work(db: Database, selection: Selection) -> int:
    """How many of these runs a worker has in hand. Raises StoreError."""
    condition, values = of(selection, ("running",))
    return int(db.read(f"SELECT count(*) AS n {condition}", values)[0]["n"])


def unseen(db: Database, selection: Selection) -> int:
    """How many of these deliveries have no runs yet, as no worker has seen them. Raises StoreError."""
    condition, values = selection.deliveries()
    sql = f"SELECT count(*) AS n FROM deliveries AS d WHERE {condition} AND d.dispatched_us IS NULL"
    return int(db.read(sql, values)[0]["n"])


def runs_after(db: Database, selection: Selection, last: int) -> Sequence[Row]:
    condition, values = of(selection, ENDABLE)
    return db.read(
        f"SELECT r.id, r.handler, r.target, r.state {condition} AND r.id > ? ORDER BY r.id LIMIT ?",
        [*values, last, AT_ONCE],
    )


def of(selection: Selection, states: Sequence[str]) -> tuple[str, list[object]]:
    of_deliveries, values = selection.deliveries()
    of_runs, more = selection.runs()
    in_states = ", ".join(f"'{state}'" for state in states)
    return (
        "FROM runs AS r JOIN deliveries AS d ON d.id = r.delivery_id "
        f"WHERE {of_deliveries} AND {of_runs} AND r.state IN ({in_states})",
        [*values, *more],
    )


def end(tx: Transaction, page: Sequence[Row], reason: str) -> Places:
    """As skipped, but for those that a worker has taken since they were read."""
    return count([run for run in page if skip(tx, run, CANCELLED + reason)])


def skip(tx: Transaction, run: Row, why: str) -> bool:
    """Whether the run was still in the state in which it was read, and so ended as skipped."""
    sql = "UPDATE runs SET state = 'skipped', last_error = ?, queued_us = NULL WHERE id = ? AND state = ?"
    return bool(tx.execute(sql, (why, run["id"], run["state"])).rowcount)


def cancelled(run: Row) -> bool:
    return run["state"] == "skipped" and (run["last_error"] or "").startswith(CANCELLED)


def count(page: Sequence[Row]) -> Places:
    return Counter((run["handler"], run["target"], run["state"]) for run in page)
