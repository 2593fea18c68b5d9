"""Ending runs by hand: what somebody has dealt with already, or what nobody is to get any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import CannotCancel, NothingSelected
from ..inbox import CANCELLABLE, CANCELLED
from ..registry import Activation, Lane
from ..store import Database, Row, Transaction
from .documents import lane_to_json
from .health import unfinished
from .routes import check_handler
from .selection import Selection, running_count, runs_matching, undispatched_count
from .show import ShownDelivery, show

ENDS = "ends"  # what a job does with such a run


@dataclass(frozen=True, kw_only=True, order=True)
class LaneRuns:
    """How many runs of a lane were in a state."""

    lane: Lane
    state: str
    runs: int


@dataclass(frozen=True, kw_only=True)
class Cancelled:
    """What was ended (or would be, with `dry_run`), and what is left alone: running, or not dispatched yet."""

    runs: tuple[LaneRuns, ...]
    running: int
    undispatched: int
    dry_run: bool

    @property
    def total(self) -> int:
        return sum(ended.runs for ended in self.runs)

    def to_json(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "runs": [lane_to_json(ended.lane) | {"was": ended.state, "runs": ended.runs} for ended in self.runs],
            "total": self.total,
            "running": self.running,
            "unseen": self.undispatched,
        }


@dataclass(frozen=True, kw_only=True)
class Instead:
    """What there is where nothing can be cancelled."""

    deliveries: tuple[ShownDelivery, ...] = ()
    lanes: tuple[Lane, ...] = ()


def check_cancel(selection: Selection) -> None:
    """Raises NothingSelected, and CannotCancel where only what has ended, or is running, is selected."""
    if selection.is_empty:
        raise NothingSelected("Say what to cancel: a delivery's id, or --state dead, --handler, --event or --since.")
    if selection.state in ("running", "succeeded", "skipped"):
        raise CannotCancel(f"What is {selection.state} cannot be cancelled: only what waits, or is dead.")


def instead(db: Database, activations: Sequence[Activation], selection: Selection) -> Instead:
    """The deliveries that are selected by name, else the lanes where something waits or is dead.

    Raises UnknownHandler where the selected handler does not exist, StoreError.
    """
    if selection.handler:
        check_handler(activations, selection.handler, selection.source)
    if selection.ids:
        return Instead(deliveries=tuple(show(db, delivery) for delivery in selection.ids))
    return Instead(lanes=tuple(sorted({waiting.lane for waiting in unfinished(db)})))


def runs_after(db: Database, selection: Selection, after: int, at_once: int) -> Sequence[Row]:
    """The next runs to be ended. Raises StoreError."""
    condition, values = runs_matching(selection, CANCELLABLE)
    columns = "r.id, r.delivery_id, r.source, r.handler, r.target, r.state"
    return db.read(f"SELECT {columns} {condition} AND r.id > ? ORDER BY r.id LIMIT ?", [*values, after, at_once])


def told_cancelled(
    db: Database, selection: Selection, rows: Iterable[tuple[Lane, str, int]], *, dry_run: bool
) -> Cancelled:
    """What becomes of so many runs: their lane, the state in which they were, how many. Raises StoreError."""
    ended: Counter[tuple[Lane, str]] = Counter()
    for lane, state, runs in rows:
        ended[lane, state] += runs
    return Cancelled(
        runs=tuple(LaneRuns(lane=lane, state=state, runs=n) for (lane, state), n in sorted(ended.items())),
        running=0 if selection.state else running_count(db, selection),
        undispatched=0 if selection.narrows_runs else undispatched_count(db, selection),
        dry_run=dry_run,
    )


def skip(tx: Transaction, run: Row, why: str) -> bool:
    """Whether the run was still in the state in which it was read, or waits, or is dead, and so ended as skipped."""
    waits = ", ".join(f"'{state}'" for state in CANCELLABLE)
    sql = f"UPDATE runs SET state = 'skipped', last_error = ?, queued_us = NULL WHERE id = ? AND state IN (?, {waits})"
    return bool(tx.execute(sql, (why, run["id"], run["state"])).rowcount)


def is_cancelled(run: Row) -> bool:
    return run["state"] == "skipped" and (run["last_error"] or "").startswith(CANCELLED)
