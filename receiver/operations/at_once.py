"""Replays and cancellations as jobs from their beginning to their end, for whoever has seen what they are about."""

from __future__ import annotations

from collections.abc import Sequence

from ..registry import Activation
from ..store import Database
from .cancel import Cancelled, check_cancel, told_cancelled
from .jobs import ENDED, LEFT, PLANNED, RUNNING, Job, job
from .planning import AT_ONCE, Cancels, Replays, make_cancel, make_replay, planned
from .replay import Replayed, as_row, check_replay, frozen, told_replayed
from .selection import Selection
from .steering import start
from .working import advance

EVERYTHING = 2**62


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
    if dry_run:
        check_replay(db, activations, selection, again=again)
        rows = map(as_row, planned(db, Replays(activations, again), frozen(db, selection, limit), at_once))
        return told_replayed(db, activations, rows, dry_run=True)
    made = make_replay(db, activations, selection, again=again, limit=limit, at_most=EVERYTHING, at_once=at_once)
    return replayed(db, activations, carry_out(db, made, at_once))


def replayed(db: Database, activations: Sequence[Activation], of: Job) -> Replayed:
    """What a job opened, or would open where it is not begun. Raises StoreError."""
    rows = [
        (count.lane, count.how, count.was, count.why, count.runs)
        for count in of.counts
        if count.state != LEFT or not count.is_meant
    ]
    return told_replayed(db, activations, rows, dry_run=of.started_us is None)


def cancel(
    db: Database, selection: Selection, reason: str, *, dry_run: bool = False, at_once: int = AT_ONCE
) -> Cancelled:
    """End runs that wait or are dead as skipped, with the reason.

    What is running at that moment is left to its worker, and what succeeded stays. The delivery stays too, and a
    replay that names it opens its runs again. Raises NothingSelected, CannotCancel, StoreError.
    """
    if dry_run:
        check_cancel(selection)
        rows = [(row.lane, row.was, 1) for row in planned(db, Cancels(), selection, at_once)]
        return told_cancelled(db, selection, rows, dry_run=True)
    made = make_cancel(db, selection, reason, at_most=EVERYTHING, at_once=at_once)
    return cancelled(db, carry_out(db, made, at_once), selection)


def cancelled(db: Database, of: Job, selection: Selection) -> Cancelled:
    """What a job ended, or would end where it is not begun. Raises StoreError."""
    rows = [(count.lane, count.was, count.runs) for count in of.counts if count.state in (PLANNED, ENDED)]
    return told_cancelled(db, selection, rows, dry_run=of.started_us is None)


def carry_out(db: Database, made: Job, at_once: int = AT_ONCE) -> Job:
    """All of it. Raises StoreError."""
    now = start(db, made.id)
    while now.state == RUNNING and now.runs(PLANNED):
        advance(db, now.id, {}, at_once=at_once)
        now = job(db, now.id)
    return now
