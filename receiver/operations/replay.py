"""Opening runs again: what failed, what was never tried, and on request what succeeded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import NothingSelected
from ..registry import Activation, Lane
from ..store import Database, Row
from .audit import by_source, note_runs
from .documents import lane_to_json
from .pauses import paused
from .reopen import FAILED, Reopening, Tally
from .routes import Routes, activations_on, check_target, worker_differs
from .selection import Selection

AT_ONCE = 200  # deliveries in one transaction: while it lasts, no acknowledgement is committed


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


def replay(
    db: Database,
    activations: Sequence[Activation],
    selection: Selection,
    *,
    again: bool = False,
    dry_run: bool = False,
    limit: int = 0,
    at_once: int = AT_ONCE,
) -> Replayed:
    """Make runs due now, by the handlers that are on; `limit` is in deliveries, 0 is all.

    Dead, skipped and retrying runs are opened again, with the whole schedule of retries before them; their attempts
    stay, so that the handler asks its destination first. Runs that succeeded only with `again`. A delivery that came
    before its handler was on gets its run. What waits or runs already is left alone, and so is what somebody
    cancelled, unless the selection names its delivery or the state `skipped`.

    A run at a URL that is no longer set ends as skipped, unless it succeeded, and one at each present URL of its
    handler takes its place where there is none yet, also where it waited. What belongs to a handler that is not on
    stays. Raises as `check_replay` does.
    """
    check_replay(db, activations, selection, again=again)
    states = (*FAILED, "succeeded") if again else FAILED
    routes = Routes(activations, selection.handler)
    tally = Tally()
    for batch in batches(db, selection, limit, at_once):
        tally += db.commit(Reopening(selection, states, routes, batch, db.now_us(), dry_run))
    if tally.opened and not dry_run:
        note_runs(db, "replay", selection, by_source(tally.opened), {"again": again})
        db.nudge()
    return replayed(db, routes, tally, dry_run=dry_run)


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


def batches(db: Database, selection: Selection, limit: int, at_once: int) -> Iterator[Sequence[Row]]:
    """The selected deliveries that were dispatched, oldest first, so many at a time."""
    condition, values = selection.deliveries()
    sql = (
        f"SELECT d.id, d.source, d.event, d.call_id FROM deliveries AS d WHERE {condition} AND d.id > ? "
        "AND d.dispatched_us IS NOT NULL AND d.erased_us IS NULL ORDER BY d.id LIMIT ?"
    )
    last, number = 0, 0
    while batch := db.read(sql, [*values, last, min(at_once, limit - number) if limit else at_once]):
        yield batch
        last, number = batch[-1]["id"], number + len(batch)
        if limit and number >= limit:
            return


def replayed(db: Database, routes: Routes, tally: Tally, *, dry_run: bool) -> Replayed:
    opened: Counter[tuple[Lane, str]] = tally.opened
    lanes = {lane for lane, _ in opened}
    return Replayed(
        runs=tuple(Opened(lane=lane, was=was, runs=n) for (lane, was), n in sorted(opened.items())),
        left=tuple(
            Left(lane=lane, state=state, runs=n, why=routes.why_left(lane))
            for (lane, state), n in sorted(tally.left.items())
        ),
        paused=tuple(sorted(lanes & {pause.lane for pause in paused(db)})),
        worker_differs=worker_differs(db, routes.activations),
        dry_run=dry_run,
    )
