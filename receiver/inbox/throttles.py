"""How often a lane may be called: turns, taken by all workers from one row in the database."""

from __future__ import annotations

from ..registry import Lane
from ..store import Database

# Moves the lane's next turn on by its pace, in one statement, so that two workers never get the same turn. The turn
# that is taken is the latest of three: now, the turn after the last one, and the end of a hold. Where that lies
# too far ahead the WHERE refuses, no row comes back, and the run waits in the database rather than in a worker.
TAKE = """
INSERT INTO throttles (source, handler, target, next_us) VALUES (?, ?, ?, ?)
ON CONFLICT (source, handler, target) DO UPDATE SET next_us = ? + CASE
    WHEN throttles.next_us > ? AND throttles.next_us > throttles.not_before_us THEN throttles.next_us
    WHEN throttles.not_before_us > ? THEN throttles.not_before_us
    ELSE ? END
WHERE throttles.next_us <= ? AND throttles.not_before_us <= ?
RETURNING next_us
"""


def take_turn(db: Database, lane: Lane, *, pace_us: int, ahead_us: int, now_us: int) -> int | None:
    """Reserve the next turn: when it is. None where that is more than `ahead_us` away. Raises StoreError."""
    latest_us = now_us + ahead_us
    values = (*lane, now_us + pace_us, pace_us, now_us, now_us, now_us, latest_us, latest_us)
    row = db.commit(lambda tx: tx.execute(TAKE, values).fetchone())
    return None if row is None else int(row["next_us"]) - pace_us


def throttled(db: Database, after_us: int) -> set[Lane]:
    """The lanes whose next turn is later than that. Raises StoreError."""
    sql = "SELECT source, handler, target FROM throttles WHERE next_us > ? OR not_before_us > ?"
    return {Lane(row["source"], row["handler"], row["target"]) for row in db.read(sql, (after_us, after_us))}
