"""Which worker leads: one machine dispatches and does the chores, until its lease ends or it gives it back."""

from __future__ import annotations

from ..store import HANDLERS, NOTE, Database, Transaction

LEADER_LEASE_US = 5_000_000  # another machine takes over this long after the last sign of life
UNATTENDED_US = 60_000_000  # a worker opens a delivery's runs within a second; one that restarts is back in a minute

ACQUIRE = """
INSERT INTO leases (name, owner, until_us) VALUES ('dispatcher', ?, ?)
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_us = excluded.until_us
WHERE leases.owner = excluded.owner OR leases.until_us < ? RETURNING owner
"""
LED = "EXISTS (SELECT 1 FROM leases WHERE leases.name = 'dispatcher' AND until_us > ?)"


def acquire_leadership(db: Database, owner: str, now_us: int, handlers: str = "") -> bool:
    """Whether `owner` leads, from now until its lease ends. `handlers` are noted as being on. Raises StoreError."""

    def write(tx: Transaction) -> bool:
        row = tx.execute(ACQUIRE, (owner, now_us + LEADER_LEASE_US, now_us)).fetchone()
        if row and handlers:
            tx.execute(NOTE, (HANDLERS, handlers, now_us))
        return row is not None

    return db.commit(write)


def release_leadership(db: Database, owner: str, now_us: int, *, timeout_s: float) -> None:
    """Another worker may lead at once. The row stays: it tells that runs were once worked on here."""
    sql = "UPDATE leases SET until_us = ? WHERE name = 'dispatcher' AND owner = ?"
    db.commit(lambda tx: tx.execute(sql, (now_us - 1, owner)), timeout_s=timeout_s)


def is_leader(db: Database, owner: str) -> bool:
    """Raises StoreError."""
    sql = "SELECT 1 FROM leases WHERE name = 'dispatcher' AND owner = ? AND until_us > ?"
    return bool(db.read(sql, (owner, db.now_us())))


def handlers_on(db: Database) -> str:
    """What the worker that leads noted as being on; "" where none leads. Raises StoreError."""
    rows = db.read(f"SELECT value FROM facts WHERE name = ? AND {LED}", (HANDLERS, db.now_us()))
    return str(rows[0]["value"]) if rows else ""


def undispatched_count(db: Database) -> int:
    """How many deliveries have waited for a minute, while no worker leads. Raises StoreError."""
    now_us = db.now_us()
    sql = f"SELECT count(*) AS n FROM deliveries WHERE dispatched_us IS NULL AND received_us < ? AND NOT {LED}"
    return int(db.read(sql, (now_us - UNATTENDED_US, now_us))[0]["n"])
