"""Which deliveries a replay is about, and what it tells: of what failed, was never tried, and on request succeeded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import NothingSelected
from ..registry import Activation, Lane
from ..store import Database, Row
from .documents import lane_to_json
from .pauses import paused
from .reopen import AGAIN, CANCELLED_BY_HAND, FAILED, MOVES, NEW, STAYS, Planned
from .routes import activations_on, check_target, worker_differs
from .selection import Condition, Selection

WAS = {AGAIN: "{}, opened again", MOVES: "{} at another URL, opened", NEW: "new, opened"}


@dataclass(frozen=True, kw_only=True, order=True)
class Opened:
    """How many runs of a lane are due now, and what they `was` before: in words."""

    lane: Lane
    was: str
    runs: int


@dataclass(frozen=True, kw_only=True, order=True)
class Left:
    """How many runs of a lane nobody would work on, and why: these stay as they were."""

    lane: Lane
    state: str
    runs: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What was opened (or would be, with `dry_run`); `paused` are those of its lanes that wait all the same.

    `worker_differs` says so where the worker that runs has other variables than these.
    """

    runs: tuple[Opened, ...]
    left: tuple[Left, ...]
    paused: tuple[Lane, ...]
    worker_differs: str
    dry_run: bool

    @property
    def total(self) -> int:
        return sum(opened.runs for opened in self.runs)

    def to_json(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "runs": [lane_to_json(opened.lane) | {"was": opened.was, "runs": opened.runs} for opened in self.runs],
            "total": self.total,
            "left": [
                lane_to_json(left.lane) | {"state": left.state, "runs": left.runs, "why": left.why}
                for left in self.left
            ],
        }


def check_replay(db: Database, activations: Sequence[Activation], selection: Selection, *, again: bool) -> None:
    """Raises NothingSelected, UnknownHandler, HandlerNotOn, UnknownTarget, StoreError."""
    if selection.is_empty:
        raise NothingSelected("Say what to replay: a delivery's id, or --state dead, --handler, --event or --since.")
    if selection.state == "succeeded" and not again:
        raise NothingSelected("Runs that succeeded are replayed with --again only.")
    if selection.handler:
        activations_on(db, activations, selection.handler, selection.source)
    if selection.target:
        check_target(db, activations, selection.handler, selection.target)


def states(*, again: bool) -> tuple[str, ...]:
    """In which a run is opened."""
    return (*FAILED, "succeeded") if again else FAILED


def frozen(db: Database, selection: Selection, limit: int = 0) -> Selection:
    """The same without what comes from now on; with a limit only the oldest so many deliveries. Raises StoreError."""
    condition, values = dispatched(selection)
    last = f"SELECT id FROM deliveries AS d WHERE {condition} ORDER BY id LIMIT 1 OFFSET ?"
    rows = db.read(last, [*values, limit - 1]) if limit else ()
    newest = (rows or db.read("SELECT coalesce(max(id), 0) AS id FROM deliveries"))[0]["id"]
    return replace(selection, upper_id=newest if selection.upper_id is None else min(newest, selection.upper_id))


def deliveries_after(db: Database, selection: Selection, after: int, at_once: int) -> Sequence[Row]:
    """The next selected deliveries that were dispatched, oldest first. Raises StoreError."""
    condition, values = dispatched(selection)
    sql = f"SELECT id, source, event, call_id FROM deliveries AS d WHERE {condition} AND d.id > ? ORDER BY d.id LIMIT ?"
    return db.read(sql, [*values, after, at_once])


def dispatched(selection: Selection) -> Condition:
    of_deliveries, values = selection.deliveries()
    having_runs, more = selection.having_runs()
    condition = f"{of_deliveries} AND {having_runs} AND d.dispatched_us IS NOT NULL AND d.erased_us IS NULL"
    return condition, [*values, *more]


def told_replayed(
    db: Database, activations: Sequence[Activation], rows: Iterable[tuple[Lane, str, str, str, int]], *, dry_run: bool
) -> Replayed:
    """What becomes of so many runs: their lane, how and from which state they are opened, why they stay, how many."""
    opened: Counter[tuple[Lane, str]] = Counter()
    left: Counter[tuple[Lane, str, str]] = Counter()
    for lane, how, was, why, runs in rows:
        if how != STAYS:
            opened[lane, WAS[how].format(was)] += runs
        elif why != CANCELLED_BY_HAND:
            left[lane, was, why] += runs
    return Replayed(
        runs=tuple(Opened(lane=lane, was=was, runs=n) for (lane, was), n in sorted(opened.items())),
        left=tuple(Left(lane=lane, state=was, runs=n, why=why) for (lane, was, why), n in sorted(left.items())),
        paused=tuple(sorted({lane for lane, _ in opened} & {pause.lane for pause in paused(db)})),
        worker_differs=worker_differs(db, activations),
        dry_run=dry_run,
    )


def as_row(planned: Planned) -> tuple[Lane, str, str, str, int]:
    return planned.lane, planned.how, planned.was, planned.why, 1
