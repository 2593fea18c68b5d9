"""One run in the hands of one worker: taking it, and what becomes of it at the end, each inside a transaction."""

from __future__ import annotations

from dataclasses import dataclass

from ..events import Delivery
from ..store import Database, Transaction
from .deliveries import from_row
from .paces import hold

RUN_LEASE_US = 6_000_000  # renewed every 2 s: two renewals may fail before the run counts as abandoned
CANCELLED = "cancelled: "  # so begins the last_error of a skipped run that somebody ended by hand
# As in the partial indexes of open runs: without their very words SQLite reads every run there ever was.
OPEN = "state IN ('pending', 'queued', 'running', 'retrying')"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A run that this worker alone may attempt, until its lease ends."""

    id: int
    attempt: int
    failures: int  # so far, on the schedule of retries
    delivery: Delivery


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How an attempt ended, and so what becomes of its run."""

    state: str  # succeeded, retrying, dead
    result: str  # the attempt's own word for it: succeeded, failed, retry, pause, gave-up
    detail: str = ""
    delay_us: int = 0  # for retrying
    failed: bool = False  # counts on the schedule of retries
    pause: bool = False  # the handler and target wait for `receiver resume`
    hold_us: int = 0  # for so long no other run of the handler and target is begun


def give_up_on(tx: Transaction, run: int, attempt: int, now_us: int) -> bool:
    """The attempt's worker is gone, unless it has just renewed or finished: then False."""
    taken = tx.execute(
        "UPDATE runs SET state = 'retrying', next_attempt_us = ?, lease_owner = NULL, lease_until_us = NULL, "
        "last_error = 'the worker was lost during the attempt' "
        "WHERE id = ? AND attempts = ? AND state = 'running' AND lease_until_us < ?",
        (now_us, run, attempt, now_us),
    )
    if not taken.rowcount:
        return False
    tx.execute(
        "UPDATE attempts SET ended_us = ?, result = 'lost' WHERE run_id = ? AND number = ?", (now_us, run, attempt)
    )
    return True


CLAIM = f"""
UPDATE runs SET state = 'running', attempts = attempts + 1, lease_owner = ?, lease_until_us = ?
WHERE id = ? AND state IN ('pending', 'queued', 'retrying') AND next_attempt_us <= ?
  AND NOT EXISTS (SELECT 1 FROM pauses AS p WHERE p.handler = runs.handler AND p.target = runs.target)
  AND NOT EXISTS (SELECT 1 FROM paces AS p WHERE p.handler = runs.handler AND p.target = runs.target
                  AND p.held_until_us > ?)
  AND NOT EXISTS (SELECT 1 FROM runs AS o WHERE o.call_id = runs.call_id AND o.handler = runs.handler
                  AND o.target = runs.target AND o.id <> runs.id AND o.state = 'running' AND o.{OPEN})
RETURNING delivery_id, attempts, failures
"""


def claim(db: Database, tx: Transaction, run: int, owner: str, now_us: int) -> Claim | None:
    values = (owner, now_us + RUN_LEASE_US, run, now_us, now_us)
    taken = tx.execute(CLAIM, values).fetchone() if db.claim_call(tx, run) else None
    if taken is None:
        tx.execute("UPDATE runs SET state = 'pending' WHERE id = ? AND state = 'queued'", (run,))
        return None
    tx.execute("INSERT INTO attempts (run_id, number, started_us) VALUES (?, ?, ?)", (run, taken["attempts"], now_us))
    delivery = tx.execute("SELECT * FROM deliveries WHERE id = ?", (taken["delivery_id"],)).fetchone()
    return Claim(id=run, attempt=taken["attempts"], failures=taken["failures"], delivery=from_row(delivery))


def finish(tx: Transaction, claim: Claim, owner: str, verdict: Verdict, now_us: int) -> bool:
    good = verdict.state == "succeeded"
    row = tx.execute(
        "UPDATE runs SET state = ?, next_attempt_us = ?, lease_owner = NULL, lease_until_us = NULL, "
        "failures = failures + ?, outcome = coalesce(?, outcome), last_error = ? "
        "WHERE id = ? AND lease_owner = ? AND attempts = ? RETURNING handler, target",
        (
            verdict.state,
            now_us + verdict.delay_us,
            int(verdict.failed),
            verdict.detail if good else None,
            None if good else verdict.detail,
            claim.id,
            owner,
            claim.attempt,
        ),
    ).fetchone()
    if row is None:
        return False
    tx.execute(
        "UPDATE attempts SET ended_us = ?, result = ?, detail = ? WHERE run_id = ? AND number = ?",
        (now_us, verdict.result, verdict.detail, claim.id, claim.attempt),
    )
    if verdict.pause:
        tx.execute(
            "INSERT INTO pauses (handler, target, reason, since_us) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (row["handler"], row["target"], verdict.detail, now_us),
        )
    if verdict.hold_us:
        hold(tx, row["handler"], row["target"], now_us + verdict.hold_us)
    return True
