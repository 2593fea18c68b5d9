"""Tombstones: of a delivery that was erased its key, its event and its times stay, so that a repeat is known as one.

It goes in two steps, as a worker may be attempting a run of it: first it is closed, and what waits ends. When nothing
is running any more, it is emptied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..store import FromNow, Transaction
from .states import OPEN

ERASED = "erased"  # the last_error of a run that ended because its delivery was erased

# The delivery's row comes first wherever runs are opened or ended for good: on Postgres that is the lock by which a
# dispatcher that has read the delivery, or a replay, sees that it is closed.
CLOSE = """
UPDATE deliveries SET erased_us = coalesce(erased_us, ?), dispatched_us = coalesce(dispatched_us, ?) WHERE id = ?
"""
LOCK_OPEN = "UPDATE deliveries SET erased_us = NULL WHERE id = ? AND erased_us IS NULL"
END_WAITING = """
UPDATE runs SET state = 'skipped', last_error = ?, failure = '', queued_us = NULL
WHERE delivery_id = ? AND state IN ('pending', 'queued', 'retrying', 'dead')
"""
# Its worker is gone, and its last call must have ended: as a worker that takes it over would have it due again.
END_ABANDONED = """
UPDATE runs SET state = 'skipped', last_error = ?, lease_owner = NULL, lease_until_us = NULL
WHERE id = ? AND state = 'running' AND lease_until_us < ?
"""

EMPTY = """
UPDATE deliveries SET erased_us = coalesce(erased_us, ?), dispatched_us = coalesce(dispatched_us, ?),
    organization_id = NULL, call_id = NULL, caller_phone = NULL, body = ?, received_body = NULL,
    headers = '{{}}', problems = '[]'
WHERE id IN ({ids})
"""
EMPTY_RUNS = """
UPDATE runs SET call_id = NULL, outcome = NULL, failure = '',
    last_error = CASE WHEN state = 'skipped' THEN ? ELSE NULL END
WHERE delivery_id = ?
"""
EMPTY_ATTEMPTS = """
UPDATE attempts SET detail = NULL, failure = '' WHERE run_id IN (SELECT id FROM runs WHERE delivery_id = ?)
"""
KEEP_PLACE = "UPDATE runs SET outcome = ? WHERE id = ?"
DELETE_CONFLICTS = "DELETE FROM conflicts WHERE delivery_id = ?"
# Where an erasure was stopped half-way, a delivery is closed and has its content still.
PRUNABLE = f"""
(erased_us IS NULL OR length(body) > 0) AND dispatched_us IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM runs AS r WHERE r.delivery_id = deliveries.id AND r.{OPEN})
"""
DELETE_ALL_BESIDE = (
    "DELETE FROM attempts WHERE run_id IN (SELECT id FROM runs WHERE delivery_id IN ({ids}))",
    "DELETE FROM runs WHERE delivery_id IN ({ids})",
    "DELETE FROM conflicts WHERE delivery_id IN ({ids})",
)


def close_deliveries(tx: Transaction, deliveries: Sequence[int], now_us: int) -> int:
    """No run of these is opened or begun any more; what waits, or is dead, ends as skipped. How many runs ended."""
    for delivery in deliveries:
        tx.execute(CLOSE, (now_us, now_us, delivery))
    return sum(tx.execute(END_WAITING, (ERASED, delivery)).rowcount for delivery in deliveries)


def end_abandoned(tx: Transaction, run: int) -> bool:
    """Whether this running run, whose call must have ended, had lost its worker: then it has ended as skipped."""
    return bool(tx.execute(END_ABANDONED, (ERASED, run, FromNow())).rowcount)


def empty_deliveries(tx: Transaction, deliveries: Sequence[int], now_us: int) -> int:
    """Remove what these hold, once none of their runs is open. How many conflicts were deleted.

    The runs and attempts stay, with their states and times.
    """
    conflicts = 0
    for delivery in deliveries:
        tx.execute(EMPTY.format(ids="?"), (now_us, now_us, b"", delivery))
        tx.execute(EMPTY_ATTEMPTS, (delivery,))
        tx.execute(EMPTY_RUNS, (ERASED, delivery))
        conflicts += tx.execute(DELETE_CONFLICTS, (delivery,)).rowcount
    return conflicts


def keep_places(tx: Transaction, places: Mapping[int, str | None]) -> None:
    """Of these runs of erased deliveries keep where something is still to be deleted at the destination, None: nothing.

    A place holds nothing that tells of the person.
    """
    tx.executemany(KEEP_PLACE, [(place, run) for run, place in places.items()])


def leave_tombstones(tx: Transaction, deliveries: Sequence[int], now_us: int) -> int:
    """Leave a tombstone of each of these, and no runs, but where a run is open. How many were left."""
    among = EMPTY.format(ids=", ".join("?" * len(deliveries)))
    rows = tx.execute(f"{among} AND {PRUNABLE} RETURNING id", (now_us, now_us, b"", *deliveries)).fetchall()
    ids = [row["id"] for row in rows]
    for statement in DELETE_ALL_BESIDE if ids else ():
        tx.execute(statement.format(ids=", ".join("?" * len(ids))), ids)
    return len(ids)


def may_have_runs(tx: Transaction, delivery: int) -> bool:
    """Whether runs of this delivery may be opened, until this transaction ends."""
    return bool(tx.execute(LOCK_OPEN, (delivery,)).rowcount)
