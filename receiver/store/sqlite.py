"""One SQLite file: how it is opened, and how all of the project's processes take turns at writing it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlite_utils

from ..errors import StoreError, StoreUnavailable
from .database import Row, Transaction
from .group import GroupCommit

Result = TypeVar("Result")

# Only strangers, such as a backup, ever make us wait for SQLite's own lock; our processes take turns at the
# lock file. Short enough that a request still gets its 503 inside the sender's 10 s.
BUSY_TIMEOUT_S = 3

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit is on the disk before it returns: 200 means durable
    "PRAGMA foreign_keys = ON",
)
NUDGES = "dispatch.sock"  # beside the file, as whoever writes it is on this machine
# What SQLite says when the trouble is not in the statement; after these a connection is opened afresh.
BROKEN = ("malformed", "disk I/O error", "not a database", "readonly", "unable to open")


class Sqlite:
    """Opened when it is first needed, and again after trouble: a process outlives a disk that is away."""

    shared = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock_fd = -1  # the lock file's descriptor
        self.writer: sqlite3.Connection | None = None
        self.reader: sqlite3.Connection | None = None
        self.reading = threading.Lock()
        self.nudger = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.nudger.setblocking(False)
        self.group = GroupCommit(self.transaction)

    def commit(self, work: Callable[[Transaction], Result], *, timeout_s: float = 10) -> Result:
        return self.group.run(work, timeout_s)

    def read(self, sql: str, values: Sequence[Any] = ()) -> Sequence[Row]:
        with translating_errors(self.reset), self.reading:
            if self.reader is None:
                self.reader = connect(self.path)
            return self.reader.execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Alone among all processes: SQLite's own busy handler sleeps and starves, so we queue at a lock file."""
        with translating_errors(self.reset):
            writer = self.open_writer()
            fcntl.flock(self.lock_fd, fcntl.LOCK_EX)
            try:
                writer.execute("BEGIN IMMEDIATE")
                yield writer
                writer.execute("COMMIT")
            except BaseException:
                if writer.in_transaction:
                    writer.execute("ROLLBACK")
                raise
            finally:
                fcntl.flock(self.lock_fd, fcntl.LOCK_UN)

    def open_writer(self) -> sqlite3.Connection:
        if self.lock_fd < 0:
            lock = self.path.with_name(self.path.name + ".lock")
            self.lock_fd = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if self.writer is None:
            self.writer = connect(self.path)
        return self.writer

    def reset(self) -> None:
        """Open the file afresh next time: what was wrong with it, or with the disk, may have been put right."""
        for connection in (self.writer, self.reader):
            if connection is not None:
                with contextlib.suppress(sqlite3.Error):
                    connection.close()
        self.writer = self.reader = None

    def now_us(self) -> int:
        return time.time_ns() // 1000

    def nudge(self) -> None:
        with contextlib.suppress(OSError):  # no dispatcher, or one with nudges enough: it looks every second anyway
            self.nudger.sendto(b"", str(self.path.with_name(NUDGES)))

    def nudges(self) -> Datagrams:
        return Datagrams(self.path.with_name(NUDGES))

    def claim_call(self, tx: Transaction, run: int) -> bool:
        return True  # a writing transaction is alone

    def lock_schema(self, tx: Transaction) -> None:
        pass  # as above

    def schema_version(self, tx: Transaction) -> int:
        return int(tx.execute("PRAGMA user_version").fetchone()["user_version"])

    def set_schema_version(self, tx: Transaction, version: int) -> None:
        tx.execute(f"PRAGMA user_version = {version}")

    def ddl(self, statement: str) -> str:
        return statement

    def close(self) -> None:
        self.group.close()
        self.reset()
        self.nudger.close()
        if self.lock_fd >= 0:
            os.close(self.lock_fd)
            self.lock_fd = -1


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    database = sqlite_utils.Database(connection)
    for pragma in PRAGMAS:
        database.execute(pragma)
    return connection


@contextmanager
def translating_errors(reset: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Whatever the driver or the disk raises, as one of ours."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.DataError) as error:
        raise StoreError(f"{type(error).__name__}: {error}") from error
    except (sqlite3.Error, OSError) as error:
        if any(word in str(error) for word in BROKEN):
            reset()
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error


class Datagrams:
    """A unix socket beside the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # a path over 107 bytes: then nobody nudges, and we look every second
            self.sock.bind(str(path))

    def wait(self, timeout_s: float) -> bool:
        readable, _, _ = select.select([self.sock], [], [], timeout_s)
        with contextlib.suppress(BlockingIOError):
            while readable and self.sock.recv(64) is not None:
                pass
        return bool(readable)

    def close(self) -> None:
        self.sock.close()
        self.path.unlink(missing_ok=True)
