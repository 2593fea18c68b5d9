"""Beginning, stopping and continuing a job. Each is written down with what it does."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..inbox import CANCELLABLE
from ..registry import Lane
from ..store import Database, Row, Transaction
from .audit import NOBODY, Actor, note, notes_on_runs
from .cancel import ENDS
from .jobs import DONE, LEFT, OPENED, PLANNED, READY, RESUME, RUNNING, STOPPED, STOPPING, Job, job
from .pauses import resume_lanes
from .reopen import AGAIN, MOVES, NEW

AT_ONCE = 200  # runs in one transaction: while it lasts, no acknowledgement is committed
CHANGED = "it is not as it was any more"

STILL = ", ".join(f"'{state}'" for state in CANCELLABLE)
# Whether what was planned for a run can still be done; one that was retrying may have become a dead letter meanwhile.
AS_IT_WAS = f"""
CASE WHEN j.how = '{NEW}' THEN NOT EXISTS (
         SELECT 1 FROM runs AS o WHERE o.delivery_id = j.delivery_id AND o.handler = j.handler AND o.target = j.target)
     WHEN j.how = '{ENDS}' THEN r.state IN ({STILL})
     WHEN j.how = '{MOVES}' THEN r.state = j.was OR r.state IN ({STILL})
     ELSE r.state = j.was OR (j.was IN ('dead', 'retrying') AND r.state IN ('dead', 'retrying')) END
"""
NOT_AS_IT_WAS = f"""
SELECT j.id FROM job_runs AS j LEFT JOIN runs AS r ON r.id = j.run_id
WHERE j.job_id = ? AND j.state = 'planned' AND NOT coalesce({AS_IT_WAS}, 1 = 0) ORDER BY j.id LIMIT ?
"""
LEAVE = f"UPDATE job_runs SET state = '{LEFT}', why = ? WHERE id = ? AND state = '{PLANNED}'"
BEGIN = (
    f"UPDATE jobs SET state = ?, started_us = ?, ended_us = ?, who = ?, reason = ? WHERE id = ? AND state = '{READY}'"
)
MEANT = f"SELECT source, count(*) AS n FROM job_runs WHERE job_id = ? AND state = '{PLANNED}' GROUP BY source"

# What was opened and has not begun is put back as it was; what was sent on to another URL stays.
TO_PUT_BACK = f"""
SELECT j.* FROM job_runs AS j JOIN runs AS r ON r.id = j.run_id
WHERE j.job_id = ? AND j.state = '{OPENED}' AND j.how IN ('{AGAIN}', '{NEW}')
  AND r.state IN ('pending', 'queued') AND r.attempts = j.attempts ORDER BY j.id LIMIT ?
"""
PUT_BACK = """
UPDATE runs SET state = ?, failures = ?, next_attempt_us = ?, queued_us = NULL
WHERE id = ? AND state IN ('pending', 'queued') AND attempts = ?
"""
STOP = f"UPDATE jobs SET state = '{STOPPED}', ended_us = ? WHERE id = ? AND state = '{STOPPING}'"
TAKE_BACK = "DELETE FROM runs WHERE id = ? AND state IN ('pending', 'queued') AND attempts = 0"


def start(db: Database, number: int, *, seen: int | None = None, reason: str = "", by: Actor = NOBODY) -> Job:
    """Begin it, where it is about as many runs as somebody has `seen`; else it is `ready` still, with what is left.

    What is not as it was when it was counted is left alone from here on. May be repeated. Raises NotFound, StoreError.
    """
    leave_changed(db, number)
    now = job(db, number)
    if now.state != READY:
        return now
    if now.kind == RESUME:
        db.commit(Resuming(now, db.now_us(), by))
    elif seen is None or now.runs(PLANNED) == seen:
        now = replace(now, reason=reason or now.reason)
        planned: Counter[str] = Counter()
        for count in now.counts:
            planned[count.lane.source] += count.runs if count.state == PLANNED else 0
        detail = {"again": now.repeats} if now.kind == "replay" else {"reason": now.reason}
        notes = notes_on_runs(db, now.selection, +planned, detail | {"job": number})
        db.commit(Beginning(now, now.runs(PLANNED), notes, db.now_us(), by))
    db.nudge()
    return job(db, number)


@dataclass(frozen=True)
class Beginning:
    job: Job
    planned: int
    notes: Mapping[str, Mapping[str, Any]]
    now_us: int
    by: Actor

    def __call__(self, tx: Transaction) -> None:
        """Where the count is what was noted: another who began it, or changed it, was first."""
        counted = {row["source"]: row["n"] for row in tx.execute(MEANT, (self.job.id,)).fetchall()}
        if sum(counted.values()) != self.planned:
            return
        state, ended_us = (RUNNING, None) if self.planned else (DONE, self.now_us)
        begun = (state, self.now_us, ended_us, self.by.who or self.job.who, self.job.reason)
        if tx.execute(BEGIN, (*begun, self.job.id)).rowcount:
            for source, detail in self.notes.items():
                note(tx, self.now_us, self.job.kind, detail, source=source, by=self.by)


@dataclass(frozen=True)
class Resuming:
    job: Job
    now_us: int
    by: Actor

    def __call__(self, tx: Transaction) -> None:
        selection = self.job.selection
        lane = Lane(selection.source or "", selection.handler, selection.target or "")
        begun = (DONE, self.now_us, self.now_us, self.by.who or self.job.who, "")
        if tx.execute(BEGIN, (*begun, self.job.id)).rowcount:
            resume_lanes(tx, self.now_us, [lane], by=self.by)


def leave_changed(db: Database, number: int) -> None:
    """Take out of it what is not as it was when it was counted."""
    while rows := db.read(NOT_AS_IT_WAS, (number, AT_ONCE)):
        values = [(CHANGED, row["id"]) for row in rows]
        db.commit(lambda tx, values=values: tx.executemany(LEAVE, values))  # type: ignore[misc]


def stop(db: Database, number: int, *, by: Actor = NOBODY, within_s: float = math.inf) -> Job:
    """End what has not begun: it is as before. What is being sent just now is sent.

    What is not put back `within_s` the worker puts back. Raises NotFound, StoreError.
    """
    now = job(db, number)
    detail = {"job": number, "runs": now.settled}
    db.commit(Turning(now, "stop", RUNNING, STOPPING, detail, db.now_us(), by))
    return put_back(db, number, within_s)


def go_on(db: Database, number: int, *, by: Actor = NOBODY) -> Job:
    """Continue a job that was stopped. Raises NotFound, StoreError."""
    now = job(db, number)
    detail = {"job": number, "runs": now.runs(PLANNED)}
    db.commit(Turning(now, "go on", STOPPED, RUNNING, detail, db.now_us(), by))
    db.nudge()
    return job(db, number)


@dataclass(frozen=True)
class Turning:
    """To another state, from the one before, with a note; nothing where it is not in that by now."""

    job: Job
    action: str
    before: str
    state: str
    detail: Mapping[str, Any]
    now_us: int
    by: Actor

    def __call__(self, tx: Transaction) -> None:
        sql = "UPDATE jobs SET state = ?, ended_us = NULL WHERE id = ? AND state = ?"
        if tx.execute(sql, (self.state, self.job.id, self.before)).rowcount:
            for source in sorted({count.lane.source for count in self.job.counts} or {self.job.selection.source or ""}):
                note(tx, self.now_us, self.action, self.detail, source=source, by=self.by)


def put_back(db: Database, number: int, within_s: float = math.inf) -> Job:
    """What a job that is being stopped has opened and nobody has begun. Raises NotFound, StoreError."""
    deadline = time.monotonic() + within_s
    while job(db, number).state == STOPPING and time.monotonic() < deadline:
        rows, now_us = db.read(TO_PUT_BACK, (number, AT_ONCE)), db.now_us()
        if not db.commit(PuttingBack(rows)):
            db.commit(lambda tx, now_us=now_us: tx.execute(STOP, (now_us, number)))  # type: ignore[misc]
    return job(db, number)


@dataclass(frozen=True)
class PuttingBack:
    rows: Sequence[Row]

    def __call__(self, tx: Transaction) -> int:
        """How many were put back; those that a worker has begun since they were read stay."""
        return sum(self.put_back(tx, row) for row in self.rows)

    def put_back(self, tx: Transaction, row: Row) -> bool:
        if row["how"] == NEW:
            done = tx.execute(TAKE_BACK, (row["run_id"],)).rowcount
        else:
            before = (row["was"], row["failures"], row["next_attempt_us"])
            done = tx.execute(PUT_BACK, (*before, row["run_id"], row["attempts"])).rowcount
        run = None if row["how"] == NEW else row["run_id"]
        if done:
            tx.execute("UPDATE job_runs SET state = ?, run_id = ? WHERE id = ?", (PLANNED, run, row["id"]))
        return bool(done)
