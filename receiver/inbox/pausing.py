"""Whether a refusal is the whole lane's, or that of one run: a pause stops everybody, and a caller chooses the words.

A 403 may be a firewall's, for a word in the body. Where another run got through since the first refusal, the run that
is refused is a dead letter, and nobody waits for it; where one did a moment before, the first refusal is tried again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..store import Time, Transaction
from .schedule import backoff_s

if TYPE_CHECKING:
    from .attempting import Claim, Verdict

MOMENT_US = 60_000_000
NEAR = 5_000  # runs before and after: a lane's others are among them, and not each run that there ever was is read
ALONE = "but others got through, so it is this delivery alone that is refused"

# The refusals of this run on its present schedule: those before a replay are of another time.
FIRST_REFUSAL = """
SELECT min(ended_us) AS us FROM attempts
WHERE run_id = ? AND number >= ? AND number < ? AND failure IN ('paused', 'refused-401', 'refused-403', ?)
"""
SUCCEEDED_SINCE = """
SELECT 1 FROM runs AS r
JOIN runs AS o ON o.id BETWEEN r.id - ? AND r.id + ? AND o.id <> r.id
              AND o.source = r.source AND o.handler = r.handler AND o.target = r.target
JOIN attempts AS a ON a.run_id = o.id
WHERE r.id = ? AND a.result = 'succeeded' AND a.ended_us >= ? LIMIT 1
"""


def weighed(tx: Transaction, claim: Claim, verdict: Verdict, now_us: Time) -> Verdict:
    """The verdict, a pause, or what takes its place where other runs of the lane get through."""
    values = (claim.id, claim.attempt - max(1, claim.failures), claim.attempt, verdict.failure)
    first_us = tx.execute(FIRST_REFUSAL, values).fetchone()["us"]
    since_us = now_us - MOMENT_US if first_us is None else first_us
    if not tx.execute(SUCCEEDED_SINCE, (NEAR, NEAR, claim.id, since_us)).fetchone():
        return verdict
    delay_s = backoff_s(claim.failures) if first_us is None else None
    if delay_s is None:
        detail = f"{verdict.detail}: {ALONE}"
        return replace(verdict, state="dead", result="gave-up", detail=detail, failed=True, pause=False)
    return replace(verdict, result="retry", delay_us=int(delay_s * 1e6), failed=True, pause=False)
