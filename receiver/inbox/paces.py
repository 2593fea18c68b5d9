"""How often a handler may call a target: turns, taken by all workers from one row in the database."""

from __future__ import annotations

from ..store import Database, Transaction

TAKE = """
INSERT INTO paces (handler, target, next_us) VALUES (?, ?, ?)
ON CONFLICT (handler, target) DO UPDATE SET next_us = ? + CASE
    WHEN paces.next_us > ? AND paces.next_us > paces.held_until_us THEN paces.next_us
    WHEN paces.held_until_us > ? THEN paces.held_until_us
    ELSE ? END
WHERE paces.next_us <= ? AND paces.held_until_us <= ?
RETURNING next_us
"""


def take_turn(db: Database, handler: str, target: str, *, pace_us: int, ahead_us: int, now_us: int) -> int | None:
    """Reserve the next turn: when it is. None where that is more than `ahead_us` away. Raises StoreError."""
    latest_us = now_us + ahead_us
    values = (handler, target, now_us + pace_us, pace_us, now_us, now_us, now_us, latest_us, latest_us)
    row = db.commit(lambda tx: tx.execute(TAKE, values).fetchone())
    return None if row is None else int(row["next_us"]) - pace_us


def hold(tx: Transaction, handler: str, target: str, until_us: int) -> None:
    """Let no run of the handler and target begin before then."""
    tx.execute(
        "INSERT INTO paces (handler, target, held_until_us) VALUES (?, ?, ?) "
        "ON CONFLICT (handler, target) DO UPDATE SET held_until_us = excluded.held_until_us "
        "WHERE paces.held_until_us < excluded.held_until_us",
        (handler, target, until_us),
    )


def resting(db: Database, after_us: int) -> set[tuple[str, str]]:
    """The (handler, target) pairs whose next turn is later than that. Raises StoreError."""
    sql = "SELECT handler, target FROM paces WHERE next_us > ? OR held_until_us > ?"
    return {(row["handler"], row["target"]) for row in db.read(sql, (after_us, after_us))}
