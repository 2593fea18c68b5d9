"""Probes: while a lane is held, one run at a time tries it; the others wait for how that ends (holding.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..registry import Lane
from ..store import Database, Row, Time, Transaction
from .states import ALONE_OF_ITS_CALL, CLAIMABLE, NOT_PAUSED, OPEN

if TYPE_CHECKING:
    from .attempting import Verdict

CLAIMING_US = 1_000_000  # the probe is one run's for so long, until others can see that it is running

# Nothing was done with the delivery: such a run may probe before it is due, as no repeat can do harm.
UNTOUCHED = "failure IN ('dns', 'private-address', 'connect', 'refused-404', 'refused-502', 'refused-503')"
# Runs that have not failed yet go first, lest one that always fails stands in the way; of refusals the oldest, as it
# is the third one of a run that pauses the lane.
PROBE_ORDER = "CASE WHEN failure IN ('refused-401', 'refused-403', 'refused-404') THEN 0 ELSE failures END, id"

# The time moves on in the same statement, so that of two workers only one has the probe.
TAKE_PROBE = """
UPDATE throttles SET not_before_us = ?, probe_run = ?
WHERE (source, handler, target) = (SELECT source, handler, target FROM runs WHERE id = ?)
  AND hold <> '' AND not_before_us <= ?
  AND NOT EXISTS (SELECT 1 FROM runs AS p WHERE p.id = throttles.probe_run AND p.state = 'running')
"""
LEAVE_PROBE = "UPDATE throttles SET not_before_us = ? WHERE probe_run = ? AND hold <> ''"
CLAIM_PROBE = f"""
UPDATE runs SET state = 'running', attempts = attempts + 1, lease_owner = ?, lease_until_us = ?
WHERE id = ? AND {CLAIMABLE} AND (next_attempt_us <= ? OR (state = 'retrying' AND {UNTOUCHED}))
  AND {NOT_PAUSED} AND {ALONE_OF_ITS_CALL}
RETURNING delivery_id, attempts, failures, CASE WHEN next_attempt_us > ? THEN 1 ELSE 0 END AS early
"""
HELD = """
SELECT t.*, EXISTS (SELECT 1 FROM runs AS p WHERE p.id = t.probe_run AND p.state = 'running') AS probing
FROM throttles AS t WHERE t.hold <> ''
"""
NEXT_PROBE = f"""
SELECT count(*) AS n, min(CASE WHEN {UNTOUCHED} THEN 0 ELSE next_attempt_us END) AS us FROM runs
WHERE source = ? AND handler = ? AND target = ? AND {OPEN}
"""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A lane that is left alone until a time, and then tried by one run."""

    lane: Lane
    kind: str  # holding.DOWN or holding.ASKED
    until_us: int
    failures: int  # in a row
    since_us: int  # when the first of them was
    reason: str  # what the last of them met
    probing: bool  # a run tries it just now


def holds(db: Database) -> dict[Lane, Hold]:
    """The lanes that are held. Raises StoreError."""
    return {hold.lane: hold for hold in map(hold_in, db.read(HELD))}


def hold_in(row: Row) -> Hold:
    return Hold(
        lane=Lane(row["source"], row["handler"], row["target"]),
        kind=row["hold"],
        until_us=row["not_before_us"],
        failures=row["failures"],
        since_us=row["failing_since_us"],
        reason=row["reason"],
        probing=bool(row["probing"]),
    )


def waiting_for(db: Database, hold: Hold) -> tuple[int, int]:
    """How many runs wait for a lane that is held, and when the next of them tries it. Raises StoreError."""
    [row] = db.read(NEXT_PROBE, hold.lane)
    return row["n"], max(hold.until_us, row["us"] or 0)


def claim_probe(tx: Transaction, run: int, owner: str, lease_us: int, now_us: Time) -> Row | None:
    """Claim a run whose lane is held, where it is time to try that and no other run does."""
    if not tx.execute(TAKE_PROBE, (now_us + CLAIMING_US, run, run, now_us)).rowcount:
        return None
    values: Sequence[Any] = (owner, now_us + lease_us, run, now_us, now_us)
    taken: Row | None = tx.execute(CLAIM_PROBE, values).fetchone()
    if taken is None:
        leave_probe(tx, [run], now_us)
    return taken


def leave_probe(tx: Transaction, runs: Sequence[int], now_us: Time) -> None:
    """One of these runs has found out nothing: another may try the lane at once."""
    for run in runs:
        tx.execute(LEAVE_PROBE, (now_us, run))


def uncounted(verdict: Verdict) -> Verdict:
    """Of a probe before its time: where it failed as the lane does, the run waits on as if it had not been made."""
    if verdict.is_retry or verdict.failure == "refused-404":
        return replace(verdict, state="retrying", result="probe", failed=False, pause=False)
    return verdict
