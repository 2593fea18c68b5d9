"""A fresh database for each sequence: an SQLite file in memory, or a Postgres that does not wait for its disk.

No power is cut here, so nothing needs to reach a disk; the crash matrix and the tests of the store see to that.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from receiver import settings, store
from receiver.store import Database, Row
from tests.support import postgres
from tests.support.processes import start_redis

MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None
TABLES = "deliveries, conflicts, runs, attempts, pauses, leases, audit, facts, throttles, chores, jobs, job_runs"
SQLITE_FILES = ("inbox.db", "inbox.db-wal", "inbox.db-shm", "inbox.db.lock")


class Databases:
    """One database of a kind, emptied for each sequence, and a Redis of its own."""

    def __init__(self, folder: Path, server: postgres.Server | None) -> None:
        self.folder = folder
        url = server.new_database() if server else ""
        socket = f"unix://{folder}/redis.sock"
        self.settings = settings.read({"DATA_DIR": str(folder), "DATABASE_URL": url, "REDIS_URL": socket})
        db = self.open()
        store.migrate(db)
        db.close()
        self.admin = psycopg.connect(url, autocommit=True, row_factory=dict_row) if server else None
        if not server:
            shutil.copy(folder / "inbox.db", folder / "empty.db")

    @property
    def kind(self) -> str:
        return "postgres" if self.admin else "sqlite"

    def open(self, *, reads_apart: bool = False) -> Database:
        return store.connect(self.settings, reads_apart=reads_apart)

    def empty(self) -> None:
        if self.admin:
            self.admin.execute("; ".join(f"DELETE FROM {table}" for table in reversed(TABLES.split(", "))))
            return
        for name in SQLITE_FILES:
            (self.folder / name).unlink(missing_ok=True)
        shutil.copy(self.folder / "empty.db", self.folder / "inbox.db")

    def cut(self) -> None:
        """Every connection of the receiver's to the Postgres."""
        sql = "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = current_database()"
        if self.admin:
            self.admin.execute(f"{sql} AND pid <> pg_backend_pid()")

    @contextmanager
    def looking(self) -> Iterator[Callable[[str], Sequence[Row]]]:
        """Reads by a connection of our own, which no trouble is made for."""
        admin = self.admin
        if admin:
            yield lambda sql: admin.execute(sql).fetchall()
            return
        with contextlib.closing(sqlite3.connect(self.folder / "inbox.db")) as connection:
            connection.row_factory = sqlite3.Row
            yield lambda sql: connection.execute(sql).fetchall()

    @contextmanager
    def away(self) -> Iterator[None]:
        """The SQLite file is not there meanwhile."""
        file, elsewhere = self.folder / "inbox.db", self.folder / "elsewhere.db"
        file.rename(elsewhere)
        try:
            yield
        finally:
            elsewhere.rename(file)


@contextmanager
def databases(kind: str, server: postgres.Server | None = None) -> Iterator[Databases]:
    folder = Path(tempfile.mkdtemp(prefix="sequences-", dir=MEMORY))
    redis = start_redis(folder / "redis.sock")
    own = postgres.Server(folder=MEMORY, fsync="off") if kind == "postgres" and server is None else None
    try:
        yield Databases(folder, server or own)
    finally:
        redis.kill()
        redis.wait()
        if own:
            with contextlib.suppress(OSError):
                own.close()
        shutil.rmtree(folder, ignore_errors=True)
