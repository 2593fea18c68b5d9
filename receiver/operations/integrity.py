"""What a database can tell of its own damage. A WAL that was cut short, or a standby that lagged, it cannot tell."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from ..errors import StoreError
from ..store import NOTE, Database, Row, Transaction

SHOWN_US = 24 * 3600 * 1_000_000  # how long a failover is shown: it is over, and somebody has to hear of it

TIMELINE = (
    "SELECT system_identifier::text || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS now "
    "FROM pg_control_system()"
)


def inspect(db: Database) -> str:
    """Look for damage and note it; "" or a sentence that says what is wrong and what to do. Raises StoreError."""
    problem = failed_over(db) if db.shared else malformed(db)  # a server's damage, or a file's
    now_us = db.now_us()
    if problem or not db.shared:  # a failover stays noted; a file that is whole again is whole
        db.commit(lambda tx: tx.execute(NOTE, ("damage", problem, now_us)))
    return problem


def damage(db: Database) -> str:
    """The damage that was noted last, in a sentence; "" where none is known."""
    rows: Sequence[Row] = ()
    with contextlib.suppress(StoreError):  # the table comes with the next migration
        rows = db.read("SELECT value, noted_us FROM facts WHERE name = 'damage'")
    return str(rows[0]["value"]) if rows and db.now_us() - rows[0]["noted_us"] < SHOWN_US else ""


def malformed(db: Database) -> str:
    """SQLite's own look at the whole file: it reads every page."""
    try:
        results = [row["quick_check"] for row in db.read("PRAGMA quick_check(1)", timeout_s=3600)]
    except StoreError as error:
        results = [str(error)]
    if results == ["ok"]:
        return ""
    return (
        "The inbox file inbox.db is damaged. Stop the receiver, keep a copy of the file and its -wal, and "
        'restore the last backup, or save what can be read with: sqlite3 inbox.db ".recover" | sqlite3 new.db'
    )


def failed_over(db: Database) -> str:
    """Whether this is another server, or another timeline of it, than the last time."""

    def compare(tx: Transaction) -> tuple[str, str]:
        now = str(tx.execute(TIMELINE).fetchone()["now"])
        noted = tx.execute("SELECT value FROM facts WHERE name = 'timeline'").fetchone()
        tx.execute(NOTE, ("timeline", now, db.now_us()))
        return noted["value"] if noted else now, now

    before, now = db.commit(compare)
    if before == now:
        return ""
    return (
        "The Postgres server was replaced by another (a failover, or a restored backup): what was acknowledged in "
        "the last moments before may be missing. Compare InboundFlow's list of calls with `receiver deliveries`."
    )
