"""A connection to the SQLite file: how it is opened, how long it may read, and what its errors are called here."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlite_utils

from ..errors import StoreError, StoreUnavailable
from .readers import TookTooLong

# Only strangers, such as a backup, ever make us wait for SQLite's own lock; our processes take turns at the
# lock file. Short enough that a request still gets its 503 inside the sender's 10 s.
BUSY_TIMEOUT_S = 3

# What the log of writes keeps of the disk once a long reader has left; usually it has 4 MB.
LOG_BYTES = 64 * 1024 * 1024

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit is on the disk before it returns: 200 means durable
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted or changed is overwritten: else it stays in the file's free pages
    f"PRAGMA journal_size_limit = {LOG_BYTES}",
)
STEPS = 50_000  # of SQLite's machine between two looks at the clock: some milliseconds
# What SQLite says when the trouble is not in the statement; after these a connection is opened afresh.
BROKEN = ("malformed", "disk I/O error", "not a database", "readonly", "unable to open")


class Connection(sqlite3.Connection):
    """Knows which file it has open, and which log of writes: a path may lead to another one meanwhile."""

    file: os.stat_result
    log: os.stat_result | None

    def execute_each(self, sql: str, each: Iterable[Sequence[Any]], /) -> list[list[Any]]:
        return [self.execute(sql, values).fetchall() for values in each]


def empty_log(connection: Connection) -> None:
    """Bring what the log holds into the file, and give its space back; nothing happens where others use it just now."""
    with contextlib.suppress(sqlite3.Error):
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def is_log_empty(connection: Connection) -> bool:
    """Bring all of the log into the file and cut it to nothing; False where somebody still reads what it holds."""
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()["busy"]
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")


class Moved(Exception):
    """The path leads to another file than the one that is open."""


def connect(path: Path) -> Connection:
    """A connection to the file that is there. Raises StoreUnavailable where there is none."""
    file = stat_of(path)
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None,
        check_same_thread=False, factory=Connection,
    )  # fmt: skip
    connection.file, connection.log = file, None
    connection.row_factory = sqlite3.Row
    database = sqlite_utils.Database(connection)
    for pragma in PRAGMAS:
        database.execute(pragma)
    connection.execute("SELECT 1 FROM sqlite_master")  # opens the log
    connection.log = log_of(path)
    return connection


def connect_to_read(path: Path) -> Connection:
    connection = connect(path)
    connection.execute("PRAGMA query_only = ON")
    return connection


def check_in_place(connection: Connection, path: Path) -> None:
    """Raises Moved where another file has taken the place of the one that is open, StoreUnavailable where none has."""
    if os.path.samestat(stat_of(path), connection.file):
        return
    log = log_of(path)
    if log and connection.log and os.path.samestat(log, connection.log):
        raise StoreUnavailable(
            f"{path} was replaced, and {path.name}-wal beside it belongs to the file that was there before: "
            "stop the receiver, and move that away with its file"
        )
    raise Moved


def stat_of(path: Path) -> os.stat_result:
    try:
        return os.stat(path)
    except FileNotFoundError as error:
        raise StoreUnavailable(
            f"there is no file {path}: put it back, or start the receiver again, which makes a new one"
        ) from error


def log_of(path: Path) -> os.stat_result | None:
    with contextlib.suppress(FileNotFoundError):
        return os.stat(f"{path}-wal")
    return None


@contextmanager
def time_limit(connection: sqlite3.Connection, timeout_s: float) -> Iterator[None]:
    """Raises TookTooLong where a read is not done by then; its statement has ended, and its snapshot with it."""
    deadline = time.monotonic() + timeout_s
    connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if str(error) == "interrupted":
            raise TookTooLong(timeout_s) from error
        raise
    finally:
        connection.set_progress_handler(None, 0)


@contextmanager
def translating_errors(reset: Callable[[], None]) -> Iterator[None]:
    """Raises StoreError and StoreUnavailable for what the driver or the disk raises; `reset` where it is broken."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.DataError) as error:
        raise StoreError(described(error)) from error
    except (sqlite3.Error, OSError) as error:
        if any(word in str(error) for word in BROKEN):
            reset()
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error


def described(error: sqlite3.Error) -> str:
    """With its class, but for what a trigger of ours raises: that is a sentence for people."""
    is_ours = getattr(error, "sqlite_errorname", "") == "SQLITE_CONSTRAINT_TRIGGER"
    return str(error) if is_ours else f"{type(error).__name__}: {error}"
