"""Which worker leads: one machine dispatches and does the chores, until its lease ends or it gives it back."""

from __future__ import annotations

from ..store import HANDLERS, MOVED_TO, NOTE, REASONS, Database, FromNow, Time, Transaction
from .clock import LAST_LED, LAST_LED_VALUES, LEADER_LEASE_US, RELEASED, SLACK_US, led_ahead_us, turn_back

UNATTENDED_US = 60_000_000  # a worker opens a delivery's runs within a second; one that restarts is back in a minute

# A lease that lies further ahead than its own length was written by a clock that was ahead, and is nobody's; only the
# one that closes a file is for good.
ACQUIRE = """
INSERT INTO leases (name, owner, until_us) VALUES ('dispatcher', ?, ?)
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_us = excluded.until_us
WHERE leases.owner IN (excluded.owner, ?) OR leases.until_us < ? OR (leases.until_us > ? AND leases.owner <> ?)
RETURNING owner
"""
HELD = "name = 'dispatcher' AND until_us > ? AND until_us <= ?"
LED = f"EXISTS (SELECT 1 FROM leases WHERE {HELD})"
# With the `+`, SQLite goes by the partial index of what is not dispatched, and not by when all there is was received.
# What lies a minute ahead was received by a clock that was ahead.
UNDISPATCHED = f"""
SELECT count(*) AS n FROM deliveries
WHERE dispatched_us IS NULL AND (+received_us < ? OR +received_us > ?) AND NOT {LED}
"""


def acquire_leadership(
    db: Database, owner: str, now_us: Time, handlers: str = "", *, reasons: str = "", gone: str = ""
) -> bool:
    """Whether `owner` leads, from now until its lease ends. `handlers` are noted as being on, with the `reasons` of
    those that are misconfigured.

    Of a worker that is known to be `gone` the lease counts for nothing. Raises StoreError.
    """

    def write(tx: Transaction) -> bool:
        ahead_us = led_ahead_us(tx, now_us)
        until_us = now_us + LEADER_LEASE_US
        row = tx.execute(ACQUIRE, (owner, until_us, gone, now_us, until_us + SLACK_US, MOVED_TO)).fetchone()
        if row and ahead_us > SLACK_US:
            turn_back(tx, ahead_us, now_us)
        if row and handlers:
            tx.execute(NOTE, (HANDLERS, handlers, now_us))
            tx.execute(NOTE, (REASONS, reasons, now_us))
        return row is not None

    return db.commit(write)


def leader(db: Database) -> str:
    """Who led last; "" where nobody ever did. Raises StoreError."""
    rows = db.read("SELECT owner FROM leases WHERE name = 'dispatcher'")
    return str(rows[0]["owner"]) if rows else ""


def release_leadership(db: Database, owner: str, now_us: Time, *, timeout_s: float) -> None:
    """Another worker may lead at once. The row stays: it tells that runs were once worked on here."""
    sql = "UPDATE leases SET until_us = 0 WHERE name = 'dispatcher' AND owner = ?"

    def write(tx: Transaction) -> None:
        if tx.execute(sql, (owner,)).rowcount:
            tx.execute(NOTE, (RELEASED, owner, now_us))

    db.commit(write, timeout_s=timeout_s)


def last_led(db: Database) -> int:
    """When a worker led last, in microseconds; 0 where none ever did. Raises StoreError."""
    return int(db.read(LAST_LED, LAST_LED_VALUES)[0]["us"])


def held() -> tuple[FromNow, FromNow]:
    """Between which times the end of a lease lies that somebody holds now: the values for HELD."""
    return FromNow(), FromNow(LEADER_LEASE_US + SLACK_US)


def is_led(db: Database) -> bool:
    """Whether some worker leads. Raises StoreError."""
    return bool(db.read(f"SELECT 1 FROM leases WHERE {HELD}", held()))


def is_leader(db: Database, owner: str) -> bool:
    """Raises StoreError."""
    return bool(db.read(f"SELECT 1 FROM leases WHERE {HELD} AND owner = ?", (*held(), owner)))


def handlers_on(db: Database) -> str:
    """What the worker that leads noted as being on; "" where none leads. Raises StoreError."""
    return noted(db, HANDLERS)


def reasons_of(db: Database) -> str:
    """Why handlers are misconfigured there, as it noted that; "" where none leads. Raises StoreError."""
    return noted(db, REASONS)


def noted(db: Database, name: str) -> str:
    rows = db.read(f"SELECT value FROM facts WHERE name = ? AND {LED}", (name, *held()))
    return str(rows[0]["value"]) if rows else ""


def undispatched_count(db: Database) -> int:
    """How many deliveries have waited for a minute, while no worker leads. Raises StoreError."""
    now_us = db.now_us()
    values = (now_us - UNATTENDED_US, now_us + UNATTENDED_US, *held())
    return int(db.read(UNDISPATCHED, values)[0]["n"])
