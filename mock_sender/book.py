"""The sender's own database: its connections, what it reported to each, and every attempt with what came back."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LIVES = 10  # consecutive failures that disable a webhook, as documented
SCHEMA = """
CREATE TABLE IF NOT EXISTS connections (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL UNIQUE, url TEXT NOT NULL, secret TEXT NOT NULL,
    events TEXT NOT NULL, retries TEXT NOT NULL, resign INTEGER NOT NULL, state TEXT NOT NULL, failures INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    event TEXT NOT NULL, delivery_id TEXT NOT NULL, body BLOB NOT NULL, at REAL NOT NULL, test INTEGER NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at REAL, signed_for INTEGER
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (next_at) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS attempts (
    delivery INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE, number INTEGER NOT NULL, at REAL NOT NULL,
    request BLOB NOT NULL, status INTEGER, failure TEXT NOT NULL, answer TEXT NOT NULL, latency_s REAL NOT NULL,
    PRIMARY KEY (delivery, number)
);
"""

TABLES = {"connections", "deliveries", "attempts"}

Row = dict[str, Any]


class Foreign(sqlite3.DatabaseError):
    """The file is a database of something else, and is left as it is."""


class Book:
    """One connection for all threads; other processes may have the same file open. `path` may be ":memory:"."""

    def __init__(self, path: Path | str = ":memory:") -> None:
        if path != ":memory:":
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # it holds signing secrets
        self.path = path
        self.db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.turn = threading.RLock()
        with self.turn:
            self.refuse_another()
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA foreign_keys = ON")
            self.db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")  # at once, so nobody sees a part of it

    def refuse_another(self) -> None:
        """The receiver's inbox has deliveries and attempts too, and is the file most easily mistaken for ours."""
        tables = {row["name"] for row in self.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if tables and tables != TABLES:
            self.db.close()
            raise Foreign("it is a database of something else")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        with self.turn:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.execute("COMMIT")
            except BaseException:
                self.db.execute("ROLLBACK")
                raise

    def read(self, sql: str, *values: object) -> list[Row]:
        with self.turn:
            return [dict(row) for row in self.db.execute(sql, values).fetchall()]

    def insert(self, table: str, row: Row) -> int:
        sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
        with self.writing() as tx:
            return int(tx.execute(sql, tuple(row.values())).lastrowid or 0)

    def change(self, table: str, id: int, **values: object) -> None:
        sql = f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in values)} WHERE id = ?"
        with self.writing() as tx:
            tx.execute(sql, (*values.values(), id))

    def drop(self, table: str, id: int) -> None:
        with self.writing() as tx:
            tx.execute(f"DELETE FROM {table} WHERE id = ?", (id,))

    def claim(self, id: int, now: float, until: float) -> bool:
        """Whether it was waiting and due; nobody else tries it before `until`, even if this process dies."""
        sql = "UPDATE deliveries SET next_at = ? WHERE id = ? AND state = 'waiting' AND next_at <= ?"
        with self.writing() as tx:
            return bool(tx.execute(sql, (until, id, now)).rowcount)

    def record(self, delivery: Row, attempt: Row, *, good: bool, counted: bool, next_at: float | None) -> None:
        """An attempt's end: what came back, what becomes of the delivery, and the connection's count, in one commit.

        The tenth consecutive failure disables the connection; what it still had to get is then missed.
        """
        with self.writing() as tx:
            connection = delivery["connection_id"]
            if counted:
                tx.execute(
                    "UPDATE connections SET failures = CASE WHEN ? THEN 0 ELSE failures + 1 END, "
                    "state = CASE WHEN ? OR failures + 1 < ? THEN state ELSE 'disabled' END "
                    "WHERE id = ? AND state = 'active'",
                    (good, good, LIVES, connection),
                )
            state = "delivered" if good else "failed" if next_at is None else "waiting"
            values = (state, attempt["number"], next_at, delivery["id"])
            tx.execute("UPDATE deliveries SET state = ?, attempts = ?, next_at = ? WHERE id = ?", values)
            marks = ", ".join("?" * len(attempt))
            tx.execute(f"INSERT INTO attempts ({', '.join(attempt)}) VALUES ({marks})", tuple(attempt.values()))
            tx.execute(
                "UPDATE deliveries SET state = CASE WHEN attempts THEN 'failed' ELSE 'missed' END, next_at = NULL "
                "WHERE connection_id = ? AND state = 'waiting' "
                "AND (SELECT state FROM connections WHERE id = connection_id) = 'disabled'",
                (connection,),
            )

    def close(self) -> None:
        self.db.close()
