"""What becomes of a run whose worker is gone, by how often that has happened and why."""

from __future__ import annotations

from ..store import Transaction
from .schedule import backoff_s

WORKER_LOST = "the worker was lost during the attempt"
WORKER_STOPPED = "the worker was stopped during the attempt"
NOT_BEGUN = "the worker was lost before the call"
NO_FAULT_OF_THE_RUN = (WORKER_STOPPED, NOT_BEGUN)

LOSSES = """
SELECT r.failures, a.detail, p.number AS before FROM runs AS r
JOIN attempts AS a ON a.run_id = r.id AND a.number = r.attempts
LEFT JOIN attempts AS p ON p.run_id = r.id AND p.number = r.attempts - 1
                       AND p.failure = 'worker-lost' AND p.detail NOT IN (?, ?)
WHERE r.id = ? AND r.attempts = ?
"""
ABANDON = """
UPDATE runs SET state = ?, next_attempt_us = ?, lease_owner = NULL, lease_until_us = NULL,
    failures = failures + ?, last_error = ?, failure = 'worker-lost'
WHERE id = ? AND attempts = ? AND state = 'running' AND lease_until_us < ?
"""


def mark_abandoned(tx: Transaction, run: int, attempt: int, now_us: int) -> bool:
    """Make a run due again whose worker is gone; False where that has just renewed or finished.

    The second loss in a row counts on the schedule, and each after it: a run that ends its process would be attempted
    for ever. One for which the worker was told to stop never counts, nor one whose call had not begun.
    """
    losses = tx.execute(LOSSES, (*NO_FAULT_OF_THE_RUN, run, attempt)).fetchone()
    if losses is None:
        return False
    why = losses["detail"] or WORKER_LOST
    counts = losses["before"] is not None and why not in NO_FAULT_OF_THE_RUN
    delay_s = backoff_s(losses["failures"]) if counts else 0
    state = "dead" if delay_s is None else "retrying"
    next_us = now_us + int((delay_s or 0) * 1e6)
    lost = tx.execute(ABANDON, (state, next_us, int(counts), why, run, attempt, now_us))
    if not lost.rowcount:
        return False
    tx.execute(
        "UPDATE attempts SET ended_us = ?, result = 'lost', detail = ?, failure = 'worker-lost' "
        "WHERE run_id = ? AND number = ?",
        (now_us, why, run, attempt),
    )
    return True
