"""What is known of the inbox as a whole."""

from __future__ import annotations

import uuid

from ..errors import ConfigurationError
from .database import Database, Transaction

NOTE = (
    "INSERT INTO facts (name, value, noted_us) VALUES (?, ?, ?) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value, noted_us = excluded.noted_us"
)
HANDLERS = "handlers"  # the fact that says which are on where the dispatcher runs
REASONS = "handlers_why"  # the one that says why those that are misconfigured there are so
INBOX = "SELECT value FROM facts WHERE name = 'inbox'"
MOVED = "This inbox has moved to another database: set DATABASE_URL to it."
MOVED_TO = "moved to another database"  # who holds the lease of a closed file's dispatcher


def inbox_name(db: Database) -> str:
    """By which this inbox is told from others; it is made when it is first asked for. Raises StoreError."""

    def read_or_make(tx: Transaction) -> str:
        sql = "INSERT INTO facts (name, value, noted_us) VALUES ('inbox', ?, ?) ON CONFLICT (name) DO NOTHING"
        tx.execute(sql, (uuid.uuid4().hex, db.now_us()))
        return str(tx.execute(INBOX).fetchone()["value"])

    rows = db.read(INBOX)
    return str(rows[0]["value"]) if rows else db.commit(read_or_make)


LEADER = "SELECT owner FROM leases WHERE name = 'dispatcher'"


def was_moved(tx: Transaction) -> bool:
    """Whether this file was closed, as another database has taken its place."""
    row = tx.execute(LEADER).fetchone()
    return bool(row and row["owner"] == MOVED_TO)


def is_closed(db: Database) -> bool:
    """The same, read by those who write nothing. Raises StoreError."""
    return [row["owner"] for row in db.read(LEADER)] == [MOVED_TO]


def was_worked_on(db: Database) -> bool:
    """Whether a worker has run on it, ever: its dispatcher's lease stays when it ends. Raises StoreError."""
    return bool(db.read(LEADER))


def must_be_open(db: Database) -> None:
    """Raises ConfigurationError where no receiver may start on this file; StoreError."""
    if is_closed(db):
        raise ConfigurationError(f"{MOVED} This file is closed.")
