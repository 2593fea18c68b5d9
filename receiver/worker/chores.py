"""Chores: what the worker that leads does now and then. A new one is a row in `chores`.

Each runs in a thread of its own, so one that fails or is slow stops no other. One that takes longer than its limit
ends this process, which is started again: a thread cannot be ended. How each went last is kept in the table `chores`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from .. import operations, store
from ..errors import InboundFlowError, StoreError
from ..inbox import PROCESSES, Trouble, is_leader
from ..operations import Routing
from ..registry import Activation
from ..settings import Settings
from ..store import Database, Transaction
from .abandoned import TakeOver
from .children import STORE_EXIT, ChildControl
from .crashes import Crashes, CrashReport
from .observing import Observe, Observer, Unobserved, unobserved
from .remains import Remains
from .sources import Sources

log = logging.getLogger("receiver.worker")

FILE_INSPECTION_S = 24 * 3600  # each reads the whole file
SERVER_INSPECTION_S = 60  # asks one question
PRUNING_S = 3600  # a day's calls go in 24 parts
ERASING_S = 6 * 3600  # every delivery is looked at
COUNTING_S = 10  # pages count what came since by themselves
FORGET_S = 600
OWED_S = 6 * 3600  # they have had 30 days
PEN_S = 3600  # what is in it may stay for a week
LEARN_S = 10
LISTEN_S = 60  # for a silence, of hours as a rule
WATCH_S = 15
SEND_S = 5  # alerts, by each of the ways that are set
RECORD_EVERY_S = 60  # a chore that is done each second is not worth a write each second
LEADER_LOOK_S = 1  # whether this worker leads by now
LOOK_EVERY_S = 0.5  # at chores that overrun
OVERRUN_EXIT = 71

RECORD = """
INSERT INTO chores (name, started_us, ended_us, problem) VALUES (?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET started_us = excluded.started_us, ended_us = excluded.ended_us,
    problem = excluded.problem
"""


@dataclass(frozen=True, kw_only=True)
class Chore:
    """`work` returns "" when all is well, else what is wrong and what to do, in a sentence. It may raise."""

    name: str
    every_s: float
    limit_s: float
    work: Callable[[], str]


def chores(
    settings: Settings,
    activations: Sequence[Activation],
    db: Database,
    observer: Observer | None = None,
    notifiers: Sequence[Activation] = (),
) -> list[Chore]:
    """All the chores there are."""
    observer = observer or Unobserved()
    aging = operations.Aging(db)
    sources = operations.SourceSettings(db, settings)
    take_over = TakeOver(db, activations, Remains(settings), note_lost=observer.lost)
    inspection_s = SERVER_INSPECTION_S if settings.database_url else FILE_INSPECTION_S
    rows = [
        Chore(name="take over abandoned runs", every_s=1, limit_s=60, work=take_over),
        Chore(
            name="open the runs of the day", every_s=10, limit_s=60, work=partial(operations.open_days, db, activations)
        ),
        Chore(name="inspect the inbox", every_s=inspection_s, limit_s=3600, work=partial(operations.inspect, db)),
        Chore(
            name="count the calls", every_s=COUNTING_S, limit_s=300, work=partial(operations.fold_chore, db, sources)
        ),
        Chore(name="work on jobs", every_s=1, limit_s=60, work=operations.WorkOnJobs(db, activations)),
        Chore(name="note what became of jobs", every_s=10, limit_s=60, work=partial(operations.note_late_ends, db)),
        Chore(
            name="erase persons",
            every_s=1,
            limit_s=ERASING_S,
            work=partial(operations.work_on_erasures, db, settings, activations),
        ),
        Chore(
            name="forget erasures", every_s=FORGET_S, limit_s=60, work=partial(operations.forget_erasures, db, aging)
        ),
        Chore(name="end owed deletions", every_s=OWED_S, limit_s=3600, work=partial(operations.end_owed, db, aging)),
        Chore(name="empty the pen", every_s=PEN_S, limit_s=60, work=partial(operations.empty_pen, db, aging)),
        Chore(name="learn what InboundFlow sends", every_s=LEARN_S, limit_s=120, work=partial(operations.learn, db)),
        Chore(name="listen for silence", every_s=LISTEN_S, limit_s=60, work=partial(operations.listen, db, sources)),
    ]
    watch = partial(operations.watch, db, settings, notifiers)
    rows.append(Chore(name="watch what needs attention", every_s=WATCH_S, limit_s=60, work=watch))
    for number, work in enumerate(operations.sending(db, notifiers).values(), start=1):
        rows.append(Chore(name=f"send alerts ({number})", every_s=SEND_S, limit_s=300, work=work))
    if settings.retention_days or any(each.retention_days for each in named_settings(sources)):
        prune = partial(operations.keep_retention, db, aging, sources)
        rows.append(Chore(name="prune the inbox", every_s=PRUNING_S, limit_s=6 * 3600, work=prune))
    return rows


def named_settings(sources: operations.SourceSettings) -> Iterable[Settings]:
    """None where the database does not say: then it ends this process soon."""
    with contextlib.suppress(StoreError):
        return sources.named().values()
    return ()


def do_chores(
    settings: Settings,
    routing: Routing,
    rows: Callable[[Settings, Sequence[Activation], Database, Observer], list[Chore]],
    worker_id: str,
    crashes: Crashes,
    control: ChildControl,
    observe: Observe = unobserved,
) -> None:
    """Do chores while `worker_id`, the worker that this process belongs to, leads; until told to stop.

    Where a source is changed it ends, and the next process knows of it.
    """
    db = store.connect(settings, reads_apart=False)
    sources = Sources(db, routing)
    try:
        activations = sources.read()
    except StoreError:
        raise SystemExit(STORE_EXIT) from None
    observer = observe(db, "worker")
    rounds = [Round(chore, db, worker_id) for chore in rows(settings, activations, db, observer)]
    report = CrashReport(crashes, Trouble(db, PROCESSES, worker_id))
    for each in rounds:
        threading.Thread(target=each.keep_doing, daemon=True, name=each.chore.name).start()
    sources.watch(control.stop.set)
    while not control.stop.wait(LOOK_EVERY_S):
        with contextlib.suppress(StoreError):  # the dispatcher tells of that
            report.look()
        for each in rounds:
            if each.overran():
                log.error("the chore '%s' took over %g s: ending its process", each.chore.name, each.chore.limit_s)
                os._exit(OVERRUN_EXIT)
    observer.end()


class Round:
    """One chore, done again and again."""

    def __init__(self, chore: Chore, db: Database, worker_id: str) -> None:
        self.chore = chore
        self.db = db
        self.worker_id = worker_id
        self.began: float | None = None  # of the present turn, monotonic
        self.recorded: tuple[float, str] = (-RECORD_EVERY_S, "")

    def keep_doing(self) -> None:
        time.sleep(self.first_rest_s())
        while True:
            due = time.monotonic() + self.chore.every_s
            if not self.leads():
                due = time.monotonic() + min(self.chore.every_s, LEADER_LOOK_S)
            else:
                self.turn()
            time.sleep(max(0.0, due - time.monotonic()))

    def leads(self) -> bool:
        try:
            return is_leader(self.db, self.worker_id)
        except StoreError:  # the dispatcher tells of that
            return False

    def first_rest_s(self) -> float:
        """Nothing, but for a chore whose last turn never ended: at once it would end this process again and again."""
        try:
            rows = self.db.read("SELECT started_us FROM chores WHERE name = ? AND ended_us IS NULL", (self.chore.name,))
        except StoreError:
            return 0
        since_s = (self.db.now_us() - rows[0]["started_us"]) / 1e6 if rows else self.chore.every_s
        if since_s < 0:  # begun by a clock that was ahead: its next record is right, so it is done at once only once
            return 0
        return max(0.0, self.chore.every_s - since_s)

    def turn(self) -> None:
        """Do it once."""
        started_us = self.db.now_us()
        if self.chore.every_s > RECORD_EVERY_S:
            self.record(started_us, None, "")
        self.began = time.monotonic()
        try:
            problem = self.chore.work()
        except Exception as error:
            # A stranger's error text may hold what a caller said.
            text = str(error) if isinstance(error, InboundFlowError) else ""
            problem = f"{operations.FAILED} ({text or type(error).__name__})"
        finally:
            self.began = None
        self.conclude(started_us, problem)

    def conclude(self, started_us: int, problem: str) -> None:
        recorded_at, recorded = self.recorded
        if problem and problem != recorded:
            log.error("chore '%s': %s", self.chore.name, problem)
        if problem != recorded or time.monotonic() - recorded_at >= RECORD_EVERY_S:
            self.record(started_us, self.db.now_us(), problem)
            self.recorded = (time.monotonic(), problem)

    def record(self, started_us: int, ended_us: int | None, problem: str) -> None:
        def write(tx: Transaction) -> None:
            tx.execute(RECORD, (self.chore.name, started_us, ended_us, problem))

        try:
            self.db.commit(write)
        except StoreError as error:
            log.warning("how the chore '%s' went could not be written down: %s", self.chore.name, error)

    def overran(self) -> bool:
        began = self.began
        return began is not None and time.monotonic() - began > self.chore.limit_s
