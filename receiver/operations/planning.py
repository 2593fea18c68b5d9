"""Making a job: which runs it is about is written down, page after page, and nothing is changed yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ..errors import NotFound
from ..registry import Activation, Lane
from ..store import Database, Row, Transaction
from .audit import NOBODY, Actor
from .cancel import ENDS, check_cancel, runs_after
from .jobs import CANCEL, COUNTING, LEFT, PLANNED, READY, REPLAY, RESUME, Job, job
from .reopen import STAYS, Planned, Reopening
from .replay import check_replay, deliveries_after, frozen, states
from .routes import Routes
from .selection import Selection

AT_ONCE = 200  # deliveries, or runs, in one transaction: while it lasts, no acknowledgement is committed
AT_MOST = 2_000  # runs that are counted while somebody waits; the worker counts the rest
FORGOTTEN_US = 86_400_000_000  # of a job that nobody began

INSERT = """
INSERT INTO jobs (kind, state, selection, repeats, reason, who, made_us) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id
"""
INSERT_RUN = """
INSERT INTO job_runs (job_id, made_us, delivery_id, source, handler, target, how, was, twice, why, state, run_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
MOVE_ON = "UPDATE jobs SET place = ?, state = ? WHERE id = ? AND state = 'counting' AND place = ?"


class Planner(Protocol):
    """What a job of one kind is about."""

    def page(self, db: Database, selection: Selection, after: int, at_once: int) -> tuple[list[Planned], int | None]:
        """What is to be done with the next so many deliveries or runs, and up to which number; None: no more."""
        ...


@dataclass(frozen=True)
class Replays:
    activations: Sequence[Activation]
    repeats: bool

    def page(self, db: Database, selection: Selection, after: int, at_once: int) -> tuple[list[Planned], int | None]:
        batch = deliveries_after(db, selection, after, at_once)
        if not batch:
            return [], None
        routes = Routes(self.activations, selection.handler)
        reopening = Reopening(selection, states(again=self.repeats), routes)
        return reopening.plan(db, batch), batch[-1]["id"]


@dataclass(frozen=True)
class Cancels:
    def page(self, db: Database, selection: Selection, after: int, at_once: int) -> tuple[list[Planned], int | None]:
        batch = runs_after(db, selection, after, at_once)
        return [planned_end(run) for run in batch], batch[-1]["id"] if batch else None


def planned_end(run: Row) -> Planned:
    lane = Lane(run["source"], run["handler"], run["target"])
    return Planned(delivery=run["delivery_id"], lane=lane, how=ENDS, was=run["state"], run=run["id"])


def planned(db: Database, planner: Planner, selection: Selection, at_once: int = AT_ONCE) -> Iterator[Planned]:
    """All of it, with nothing written. Raises StoreError."""
    place: int | None = 0
    while place is not None:
        rows, place = planner.page(db, selection, place, at_once)
        yield from rows


def make_replay(
    db: Database,
    activations: Sequence[Activation],
    selection: Selection,
    *,
    again: bool = False,
    limit: int = 0,
    by: Actor = NOBODY,
    at_most: int = AT_MOST,
    at_once: int = AT_ONCE,
) -> Job:
    """A job that sends the selected runs again, as far as it is counted yet. Raises as `check_replay` does."""
    check_replay(db, activations, selection, again=again)
    number = make(db, NewJob(REPLAY, frozen(db, selection, limit), repeats=again, who=by.who))
    return plan_some(db, number, Replays(activations, again), at_most, at_once)


def make_cancel(
    db: Database,
    selection: Selection,
    reason: str,
    *,
    by: Actor = NOBODY,
    at_most: int = AT_MOST,
    at_once: int = AT_ONCE,
) -> Job:
    """A job that ends the selected runs, as far as it is counted yet. Raises as `check_cancel` does."""
    check_cancel(selection)
    number = make(db, NewJob(CANCEL, frozen(db, selection), reason=reason, who=by.who))
    return plan_some(db, number, Cancels(), at_most, at_once)


def make_resume(db: Database, lane: Lane, *, by: Actor = NOBODY) -> Job:
    """A job that ends a pause. Raises StoreError."""
    selection = Selection(source=lane.source, handler=lane.handler, target=lane.target)
    return job(db, make(db, NewJob(RESUME, selection, who=by.who), READY))


@dataclass(frozen=True)
class NewJob:
    """What there is of a job before it has a number."""

    kind: str
    selection: Selection
    repeats: bool = False
    reason: str = ""
    who: str = ""


def make(db: Database, new: NewJob, state: str = COUNTING) -> int:
    """Its number. What somebody looked at long ago and never began is forgotten meanwhile."""
    now_us = db.now_us()
    forget(db, now_us - FORGOTTEN_US)
    values = (new.kind, state, new.selection.to_json(), int(new.repeats), new.reason, new.who, now_us)
    return int(db.commit(lambda tx: tx.execute(INSERT, values).fetchone()["id"]))


def plan_some(db: Database, number: int, planner: Planner, at_most: int, at_once: int = AT_ONCE) -> Job:
    """Count on, up to so many runs more. Raises StoreError."""
    now = job(db, number)
    seen = 0
    while now.state == COUNTING and seen < at_most:
        rows, upto = planner.page(db, now.selection, now.place, at_once)
        page = Page(now, rows, upto, db.now_us())
        if not db.commit(page):  # somebody else counts too
            return job(db, number)
        seen += len(rows)
        now = replace(now, place=page.place, state=page.state)
    return job(db, number)


@dataclass(frozen=True)
class Page:
    """What one look has found, written down once, whoever repeats it."""

    job: Job
    rows: Sequence[Planned]
    upto: int | None
    now_us: int

    @property
    def place(self) -> int:
        return self.job.place if self.upto is None else self.upto

    @property
    def state(self) -> str:
        return READY if self.upto is None else COUNTING

    def __call__(self, tx: Transaction) -> bool:
        moved = tx.execute(MOVE_ON, (self.place, self.state, self.job.id, self.job.place)).rowcount
        if moved and self.rows:
            tx.executemany(INSERT_RUN, [(self.job.id, self.now_us, *columns(row)) for row in self.rows])
        return bool(moved)


def columns(row: Planned) -> tuple[object, ...]:
    state = LEFT if row.how == STAYS else PLANNED
    return (row.delivery, *row.lane, row.how, row.was, int(row.twice), row.why, state, row.run)


def forget(db: Database, before_us: int) -> None:
    """Jobs that were made before that and never begun."""
    sql = "SELECT id FROM jobs WHERE started_us IS NULL AND made_us < ? ORDER BY id LIMIT 20"
    for row in db.read(sql, (before_us,)):
        drop(db, row["id"])


def drop(db: Database, number: int) -> None:
    """A job that was not begun, with what was counted. Raises StoreError."""
    unbegun = "SELECT id FROM jobs WHERE id = ? AND started_us IS NULL"
    some = f"SELECT id FROM job_runs WHERE job_id IN ({unbegun}) LIMIT ?"
    while db.commit(lambda tx: tx.execute(f"DELETE FROM job_runs WHERE id IN ({some})", (number, AT_ONCE)).rowcount):
        pass
    db.commit(lambda tx: tx.execute(DROP, (number, number)))


DROP = """
DELETE FROM jobs WHERE id = ? AND started_us IS NULL AND NOT EXISTS (SELECT 1 FROM job_runs WHERE job_id = ?)
"""


def planner_of(of: Row, activations: Sequence[Activation]) -> Planner:
    """Of a job that is being counted."""
    if of["kind"] == REPLAY:
        return Replays(activations, bool(of["repeats"]))
    if of["kind"] == CANCEL:
        return Cancels()
    raise NotFound(f"There is nothing to be counted for {of['kind']}.")
