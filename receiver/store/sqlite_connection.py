"""A connection to the SQLite file: how it is opened, how long it may read, and what its errors are called here."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlite_utils

from ..errors import StoreError, StoreUnavailable
from .readers import TookTooLong

# Only strangers, such as a backup, ever make us wait for SQLite's own lock; our processes take turns at the
# lock file. Short enough that a request still gets its 503 inside the sender's 10 s.
BUSY_TIMEOUT_S = 3

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit is on the disk before it returns: 200 means durable
    "PRAGMA foreign_keys = ON",
)
STEPS = 50_000  # of SQLite's machine between two looks at the clock: some milliseconds
# What SQLite says when the trouble is not in the statement; after these a connection is opened afresh.
BROKEN = ("malformed", "disk I/O error", "not a database", "readonly", "unable to open")


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    database = sqlite_utils.Database(connection)
    for pragma in PRAGMAS:
        database.execute(pragma)
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute("PRAGMA query_only = ON")
    return connection


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
        raise StoreError(f"{type(error).__name__}: {error}") from error
    except (sqlite3.Error, OSError) as error:
        if any(word in str(error) for word in BROKEN):
            reset()
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
