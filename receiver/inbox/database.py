"""One SQLite file: how it is opened, and how all of the project's processes take turns at writing it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlite_utils

from .group import GroupCommit

Result = TypeVar("Result")
Row = sqlite3.Row
Transaction = sqlite3.Connection  # what a piece of writing gets: execute(sql, values)

# Only strangers, such as a backup, ever make us wait for SQLite's own lock; our processes take turns at the
# lock file. Short enough that a request still gets its 503 inside the sender's 10 s.
BUSY_TIMEOUT_S = 3

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit is on the disk before it returns: 200 means durable
    "PRAGMA foreign_keys = ON",
)


class Sqlite:
    """The inbox file, for one process. Open it after a fork, never before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.turn = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.writer = connect(path)
        self.reader = connect(path)
        self.reading = threading.Lock()
        self.group = GroupCommit(self.transaction)

    def commit(self, work: Callable[[Transaction], Result], *, timeout_s: float = 10) -> Result:
        """Do `work` in a transaction, together with whatever else waits, and return its result once it is on disk.

        Raises sqlite3.Error where it could not be committed, TimeoutError where that took too long to tell.
        """
        return self.group.run(work, timeout_s)

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        with self.reading:
            return self.reader.execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Alone among all processes: SQLite's own busy handler sleeps and starves, so we queue at a lock file."""
        fcntl.flock(self.turn, fcntl.LOCK_EX)
        try:
            self.writer.execute("BEGIN IMMEDIATE")
            yield self.writer
            self.writer.execute("COMMIT")
        except BaseException:
            if self.writer.in_transaction:
                self.writer.execute("ROLLBACK")
            raise
        finally:
            fcntl.flock(self.turn, fcntl.LOCK_UN)

    def close(self) -> None:
        self.writer.close()
        self.reader.close()
        os.close(self.turn)


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    database = sqlite_utils.Database(connection)
    for pragma in PRAGMAS:
        database.execute(pragma)
    return connection
