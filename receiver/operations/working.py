"""Working on a job: a page of its runs at a time, as fast as their destinations take them.

Each run is opened, or ended, in the transaction that marks it so in the job. Whoever dies meanwhile, and whoever works
on the same job beside it, nothing is done twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..inbox import CANCELLED, is_led, may_have_runs
from ..registry import Activation, Lane
from ..store import Database, Row, Transaction
from .cancel import ENDS, skip
from .jobs import ARRIVED, AT_WORK, COUNTING, DONE, ENDED, FAILED, LEFT, OPENED, PLANNED, RUNNING, STOPPING, WAITS
from .pauses import paused
from .planning import AT_MOST, plan_some, planner_of
from .reopen import MOVED, MOVES, NEW
from .steering import CHANGED, put_back

AT_ONCE = 200  # runs in one transaction: while it lasts, no acknowledgement is committed
SETTLED_AT_ONCE = 500
ROOM = 256  # for runs of a job in a lane whose handler is not known here
TURN_S = 5.0  # of one look at all jobs
LOOK_EVERY_S = 0.1
LATE_US = 2 * 86_400_000_000  # so long after a job's end it is still noted what became of its runs

# The job's row first: on Postgres that is the lock by which who stops it waits for what is being opened.
IS_RUNNING = "UPDATE jobs SET state = state WHERE id = ? AND state = 'running'"
NEXT = f"""
SELECT * FROM job_runs WHERE job_id = ? AND state = '{PLANNED}' AND source = ? AND handler = ? AND target = ?
ORDER BY id LIMIT ?
"""
IN_HAND = f"""
SELECT source, handler, target, state, count(*) AS n FROM job_runs
WHERE job_id = ? AND state IN ('{PLANNED}', '{OPENED}') GROUP BY source, handler, target, state
"""
TO_SETTLE = f"""
SELECT j.id, j.state AS was, r.state, r.last_error FROM job_runs AS j LEFT JOIN runs AS r ON r.id = j.run_id
WHERE j.job_id = ? AND j.state IN ('{OPENED}', '{WAITS}')
  AND (r.id IS NULL OR r.state IN ('succeeded', 'dead', 'skipped')
       OR (j.state = '{OPENED}' AND r.state = 'retrying' AND r.attempts > j.attempts))
LIMIT ?
"""
BECAME = {"succeeded": ARRIVED, "dead": FAILED, "retrying": WAITS}
END = f"""
UPDATE jobs SET state = '{DONE}', ended_us = ? WHERE id = ? AND state = '{RUNNING}'
  AND NOT EXISTS (SELECT 1 FROM job_runs WHERE job_id = jobs.id AND state = '{PLANNED}')
"""
OPEN_AGAIN = """
UPDATE runs SET state = 'pending', failures = 0, next_attempt_us = ?, queued_us = NULL
WHERE id = ? AND state = ? AND attempts = ?
"""
OPEN_NEW = """
INSERT INTO runs (source, delivery_id, handler, target, call_id, next_attempt_us)
SELECT ?, id, ?, ?, call_id, ? FROM deliveries WHERE id = ? ON CONFLICT DO NOTHING RETURNING id
"""
BY_LATE_ENDS = f"""
SELECT id FROM jobs WHERE state IN ('done', 'stopped') AND ended_us > ? AND EXISTS (
    SELECT 1 FROM job_runs WHERE job_id = jobs.id AND state IN ('{OPENED}', '{WAITS}'))
"""


@dataclass(frozen=True)
class WorkOnJobs:
    """A chore: all jobs that are to be counted, worked on or stopped."""

    db: Database
    activations: Sequence[Activation]
    sleep: Callable[[float], object] = time.sleep

    def __call__(self) -> str:
        """For some seconds, while there is something to do. Raises StoreError."""
        deadline = time.monotonic() + TURN_S
        while rows := self.db.read(f"SELECT id, kind, state, repeats FROM jobs WHERE {AT_WORK} ORDER BY id"):
            done = [self.work_on(row) for row in rows]
            if time.monotonic() > deadline:
                break
            if not any(done):
                self.sleep(LOOK_EVERY_S)
        return ""

    def work_on(self, row: Row) -> bool:
        """Whether something was done."""
        if row["state"] == COUNTING:
            plan_some(self.db, row["id"], planner_of(row, self.activations), AT_MOST)
            return True
        if row["state"] == STOPPING:
            put_back(self.db, row["id"], TURN_S)
            return True
        return advance(self.db, row["id"], windows(self.activations))


def note_late_ends(db: Database) -> str:
    """A chore: what became of runs that were not at their end when their job was. Raises StoreError."""
    for row in db.read(BY_LATE_ENDS, (db.now_us() - LATE_US,)):
        settle(db, row["id"])
    return ""


def windows(activations: Sequence[Activation]) -> dict[Lane, int]:
    """How many runs of a job may wait in each lane at a time: what is new is never far behind them."""
    from ..dispatch import window  # it loads Redis's client, and the web process does not need one

    return {lane: window(activation.handler) for activation in activations for lane in activation.lanes()}


def advance(db: Database, number: int, room: Mapping[Lane, int], *, at_once: int = AT_ONCE) -> bool:
    """Settle what has ended, open what there is room for; whether something was done. Raises StoreError."""
    done = settle(db, number)
    waiting = {lane_of(row): row["n"] for row in in_hand(db, number) if row["state"] == OPENED}
    planned = [lane_of(row) for row in in_hand(db, number) if row["state"] == PLANNED]
    resting = {pause.lane for pause in paused(db)}
    unattended = not is_led(db)
    for lane in planned:
        free = at_once if unattended or lane in resting else room.get(lane, ROOM) - waiting.get(lane, 0)
        if free > 0:
            done |= open_some(db, number, lane, min(free, at_once))
    if not planned and not waiting.keys() - resting:
        now_us = db.now_us()
        db.commit(lambda tx: tx.execute(END, (now_us, number)))
    return done


def in_hand(db: Database, number: int) -> Sequence[Row]:
    return db.read(IN_HAND, (number,))


def lane_of(row: Row) -> Lane:
    return Lane(row["source"], row["handler"], row["target"])


def settle(db: Database, number: int) -> bool:
    """Note what became of the runs that were opened; whether there was anything to note. Raises StoreError."""
    rows = db.read(TO_SETTLE, (number, SETTLED_AT_ONCE))
    if rows:
        sql = "UPDATE job_runs SET state = ?, why = ? WHERE id = ? AND state = ?"
        values = [(*became(row), row["id"], row["was"]) for row in rows]
        db.commit(lambda tx: tx.executemany(sql, values))
    return bool(rows)


def became(row: Row) -> tuple[str, str]:
    return (BECAME[row["state"]], "") if row["state"] in BECAME else (LEFT, CHANGED)


def open_some(db: Database, number: int, lane: Lane, at_most: int) -> bool:
    """The next runs of a lane, in one transaction; whether there were any."""
    rows = db.read(NEXT, (number, *lane, at_most))
    reason = db.read("SELECT reason FROM jobs WHERE id = ?", (number,))[0]["reason"]
    if rows and (opened := db.commit(Opening(number, rows, reason, db.now_us()))):
        db.nudge()
        return opened
    return False


@dataclass(frozen=True)
class Opening:
    job: int
    rows: Sequence[Row]
    reason: str
    now_us: int

    def __call__(self, tx: Transaction) -> bool:
        if not tx.execute(IS_RUNNING, (self.job,)).rowcount:  # it was stopped
            return False
        for row in self.rows:
            if tx.execute("SELECT 1 FROM job_runs WHERE id = ? AND state = ?", (row["id"], PLANNED)).fetchone():
                self.do(tx, row)
        return True

    def do(self, tx: Transaction, row: Row) -> None:
        if row["how"] == ENDS:
            ended = skip(tx, {"id": row["run_id"], "state": row["was"]}, CANCELLED + self.reason)
            self.mark(tx, row, ENDED if ended else LEFT)
        elif not may_have_runs(tx, row["delivery_id"]):  # erased meanwhile
            self.mark(tx, row, LEFT)
        elif row["how"] in (NEW, MOVES):
            self.open_new(tx, row)
        else:
            self.open_again(tx, row)

    def mark(self, tx: Transaction, row: Row, state: str) -> None:
        why = CHANGED if state == LEFT else ""
        tx.execute("UPDATE job_runs SET state = ?, why = ? WHERE id = ?", (state, why, row["id"]))

    def open_again(self, tx: Transaction, row: Row) -> None:
        """As it is read here; a worker that takes it at this moment has it."""
        run = tx.execute("SELECT * FROM runs WHERE id = ?", (row["run_id"],)).fetchone()
        if not (run and is_as_planned(row["was"], run["state"])):
            return self.mark(tx, row, LEFT)
        if not tx.execute(OPEN_AGAIN, (self.now_us, run["id"], run["state"], run["attempts"])).rowcount:
            return self.mark(tx, row, LEFT)
        before = (run["state"], run["attempts"], run["failures"], run["next_attempt_us"])
        sql = "UPDATE job_runs SET state = ?, was = ?, attempts = ?, failures = ?, next_attempt_us = ? WHERE id = ?"
        tx.execute(sql, (OPENED, *before, row["id"]))

    def open_new(self, tx: Transaction, row: Row) -> None:
        """Where it takes another's place, that ends first; what succeeded stays, as the record of what was done."""
        if row["how"] == MOVES and not self.end(tx, row):
            return self.mark(tx, row, LEFT)
        values = (row["source"], row["handler"], row["target"], self.now_us, row["delivery_id"])
        new = tx.execute(OPEN_NEW, values).fetchone()
        if new is None:
            return self.mark(tx, row, LEFT)
        tx.execute("UPDATE job_runs SET state = ?, run_id = ? WHERE id = ?", (OPENED, new["id"], row["id"]))

    def end(self, tx: Transaction, row: Row) -> bool:
        run = tx.execute("SELECT * FROM runs WHERE id = ?", (row["run_id"],)).fetchone()
        if run is None:
            return False
        moved = run["state"] == "skipped" and run["last_error"] == MOVED  # to another present URL a moment ago
        return run["state"] == "succeeded" or moved or skip(tx, {"id": run["id"], "state": row["was"]}, MOVED)


def is_as_planned(was: str, state: str) -> bool:
    """As AS_IT_WAS in steering.py."""
    return state == was or {was, state} <= {"dead", "retrying"}
