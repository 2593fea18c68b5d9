"""Runs whose worker is gone: when their last call must have ended, they are due again."""

from __future__ import annotations

from collections.abc import Collection

from ..store import NOTE, Database, FromNow, Transaction
from .attempting import RUN_LEASE_US
from .clock import FORWARD, SLACK_US
from .losses import NOT_BEGUN, mark_abandoned
from .states import OPEN

# A lease or a beginning further ahead than it can be was written by a clock that was ahead: both count from now.
RUNNING = f"state = 'running' AND {OPEN}"
LIMIT_LEASES = f"UPDATE runs SET lease_until_us = ? WHERE handler = ? AND {RUNNING} AND lease_until_us > ?"
LIMIT_ALL_LEASES = f"UPDATE runs SET lease_until_us = ? WHERE {RUNNING} AND lease_until_us > ?"
LIMIT_BEGUN = f"""
UPDATE attempts SET started_us = ? WHERE started_us > ?
  AND (run_id, number) IN (SELECT id, attempts FROM runs WHERE handler = ? AND {RUNNING})
"""
EXTEND_LEASES = f"UPDATE runs SET lease_until_us = ? WHERE {RUNNING} AND lease_until_us < ?"
MOVE_BEGUN = f"""
UPDATE attempts SET started_us = started_us + ? WHERE started_us + ? <= ?
  AND (run_id, number) IN (SELECT id, attempts FROM runs WHERE {RUNNING})
"""

# Nobody has to wait for the end of a lease whose owner is known to be gone.
END_LEASE = f"UPDATE runs SET lease_until_us = 0 WHERE id = ? AND attempts = ? AND lease_owner = ? AND {RUNNING}"
NOTE_NOT_BEGUN = "UPDATE attempts SET detail = ? WHERE run_id = ? AND number = ? AND ended_us IS NULL"
LEFT_RUNNING = f"""
SELECT r.id, r.attempts, a.started_us FROM runs AS r JOIN attempts AS a ON a.run_id = r.id AND a.number = r.attempts
WHERE r.handler = ? AND r.lease_owner = ? AND r.state = 'running' AND r.{OPEN}
"""


class AbandonedRuns:
    """Every method raises StoreError."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def take_over(self, handler: str, timeout_us: int, now_us: int) -> int:
        """Make runs whose worker is gone due again, once their last call must have ended. Returns how many."""
        return self.db.commit(lambda tx: take_over_runs(tx, handler, timeout_us, now_us))

    def held(self, now_us: int) -> int:
        """How many running runs a worker holds; what a clock that was ahead has left counts as if renewed just now."""
        limit_us = now_us + RUN_LEASE_US
        if self.db.read(f"SELECT 1 FROM runs WHERE {RUNNING} AND lease_until_us > ? LIMIT 1", (limit_us + SLACK_US,)):
            self.db.commit(lambda tx: tx.execute(LIMIT_ALL_LEASES, (limit_us, limit_us + SLACK_US)))
        sql = f"SELECT count(*) AS n FROM runs WHERE {RUNNING} AND lease_until_us >= ?"
        return int(self.db.read(sql, (now_us,))[0]["n"])

    def now_us(self) -> int:
        """What the database's clock says at this moment."""
        return int(self.db.read("SELECT ? AS us", (FromNow(),))[0]["us"])

    def take_from(self, owner: str, handler: str, begun: Collection[tuple[int, int]], timeout_us: int) -> int:
        """Make runs of `owner`, whose process is known to be gone, due again. Returns how many.

        Those whose call had begun, each with the number of its attempt, wait until it must have ended: a destination
        may still act on what nobody waits for any more.
        """
        return self.db.commit(lambda tx: take_from_owner(tx, owner, handler, begun, timeout_us))

    def running(self) -> list[tuple[str, str]]:
        """The handlers that have running runs, whether they are on or not, each with the process that has some."""
        rows = self.db.read(f"SELECT DISTINCT handler, lease_owner FROM runs WHERE {RUNNING}")
        return [(row["handler"], row["lease_owner"]) for row in rows]

    def step_forward(self, step_us: int, now_us: int, slept_us: int = 0) -> None:
        """The clock went on by `step_us` in which no worker was at work: no running run has lost its worker by that.

        What the machine did not sleep of it is noted: by so much somebody set the clock forward. Raises StoreError.
        """
        until_us, set_us = now_us + RUN_LEASE_US, step_us - slept_us

        def write(tx: Transaction) -> None:
            tx.execute(EXTEND_LEASES, (until_us, until_us))
            tx.execute(MOVE_BEGUN, (step_us, step_us, now_us))
            if set_us > SLACK_US:
                tx.execute(NOTE, (FORWARD, str(set_us), now_us))

        self.db.commit(write)


def take_over_runs(tx: Transaction, handler: str, timeout_us: int, now_us: int) -> int:
    tx.execute(LIMIT_LEASES, (now_us + RUN_LEASE_US, handler, now_us + RUN_LEASE_US + SLACK_US))
    tx.execute(LIMIT_BEGUN, (now_us, now_us + SLACK_US, handler))
    abandoned = tx.execute(
        "SELECT r.id, r.attempts FROM runs AS r JOIN attempts AS a ON a.run_id = r.id AND a.number = r.attempts "
        f"WHERE r.handler = ? AND r.state = 'running' AND r.{OPEN} AND r.lease_until_us < ? AND a.started_us < ?",
        (handler, now_us, now_us - timeout_us),
    ).fetchall()
    return sum(mark_abandoned(tx, run["id"], run["attempts"], now_us) for run in abandoned)


def take_from_owner(
    tx: Transaction, owner: str, handler: str, begun: Collection[tuple[int, int]], timeout_us: int
) -> int:
    now_us = int(tx.execute("SELECT ? AS us", (FromNow(),)).fetchone()["us"])
    taken = 0
    for row in tx.execute(LEFT_RUNNING, (handler, owner)).fetchall():
        run = (row["id"], row["attempts"])
        if run not in begun:
            tx.execute(NOTE_NOT_BEGUN, (NOT_BEGUN, *run))
        elif row["started_us"] >= now_us - timeout_us:
            continue
        tx.execute(END_LEASE, (*run, owner))
        taken += mark_abandoned(tx, *run, now_us)
    return taken
