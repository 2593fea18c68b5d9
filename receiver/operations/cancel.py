"""Ending runs by hand: what somebody has seen to otherwise, or what nobody is to get any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import CannotCancel, NothingSelected
from ..inbox import CANCELLED
from ..registry import Activation, Lane
from ..store import Database, Row, Transaction
from .audit import by_source, note_runs
from .documents import lane_to_json
from .health import unfinished
from .routes import check_handler
from .selection import Selection, running_count, runs_matching, undispatched_count
from .show import ShownDelivery, show

AT_ONCE = 500  # runs in one transaction: while it lasts, no acknowledgement is committed
ENDABLE = ("pending", "queued", "retrying", "dead")


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


def cancel(
    db: Database, selection: Selection, reason: str, *, dry_run: bool = False, at_once: int = AT_ONCE
) -> Cancelled:
    """End runs that wait or are dead as skipped, with the reason.

    What is running at that moment is left to its worker, and what succeeded stays. The delivery stays too, and a
    replay that names it opens its runs again. Raises NothingSelected, CannotCancel, StoreError.
    """
    check_cancel(selection)
    ended: Counter[tuple[Lane, str]] = Counter()
    for batch in batches(db, selection, at_once):
        ended += by_lane_and_state(batch) if dry_run else db.commit(Ending(batch, reason))
    if ended and not dry_run:
        note_runs(db, "cancel", selection, by_source(ended), {"reason": reason})
    return Cancelled(
        runs=tuple(LaneRuns(lane=lane, state=state, runs=n) for (lane, state), n in sorted(ended.items())),
        running=0 if selection.state else running_count(db, selection),
        undispatched=0 if selection.narrows_runs else undispatched_count(db, selection),
        dry_run=dry_run,
    )


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


def batches(db: Database, selection: Selection, at_once: int) -> Iterator[Sequence[Row]]:
    """The runs to be ended, so many at a time, as they were read."""
    condition, values = runs_matching(selection, ENDABLE)
    sql = f"SELECT r.id, r.source, r.handler, r.target, r.state {condition} AND r.id > ? ORDER BY r.id LIMIT ?"
    last = 0
    while batch := db.read(sql, [*values, last, at_once]):
        yield batch
        last = batch[-1]["id"]


def by_lane_and_state(batch: Sequence[Row]) -> Counter[tuple[Lane, str]]:
    return Counter((Lane(run["source"], run["handler"], run["target"]), run["state"]) for run in batch)


@dataclass(frozen=True)
class Ending:
    """One batch, in one transaction: as skipped, but for those that a worker has taken since they were read."""

    batch: Sequence[Row]
    reason: str

    def __call__(self, tx: Transaction) -> Counter[tuple[Lane, str]]:
        return by_lane_and_state([run for run in self.batch if skip(tx, run, CANCELLED + self.reason)])


def skip(tx: Transaction, run: Row, why: str) -> bool:
    """Whether the run was still in the state in which it was read, and so ended as skipped."""
    sql = "UPDATE runs SET state = 'skipped', last_error = ?, queued_us = NULL WHERE id = ? AND state = ?"
    return bool(tx.execute(sql, (why, run["id"], run["state"])).rowcount)


def is_cancelled(run: Row) -> bool:
    return run["state"] == "skipped" and (run["last_error"] or "").startswith(CANCELLED)
