"""A session at a Postgres server: opened when it is first needed, and again whenever it is lost."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import groupby
from typing import Any

import psycopg
from psycopg import errors as pg
from psycopg.rows import dict_row

from ..errors import NotPermitted, StoreError, StoreUnavailable
from .database import FromNow, Row
from .forked import keep_from_forks
from .readers import TookTooLong, all_rows

NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"  # of the server, when the statement runs
CLOCK = f"SELECT {NOW} AS us"
CLOCK_EVERY_S = 5  # so late at most does a process hear that the clock of the server was set
# A machine that loses its power in a transaction does not say so: its locks would stay until the server's own system
# notices, two hours later by default.
END_IDLE = "SET LOCAL idle_in_transaction_session_timeout = '10s'"
OWN_IT = (
    "The role of DATABASE_URL must own the database and the tables in it (from Postgres 15 on no other may make "
    "any). As the server's administrator: ALTER DATABASE name OWNER TO role"
)
# After these another session may do what this one cannot: it became read-only, as its server is no longer the primary,
# or the server, or a pooler before it, ends.
OUTDATED = (pg.ReadOnlySqlTransaction, pg.AdminShutdown, pg.CrashShutdown, pg.CannotConnectNow, pg.DatabaseDropped)
# A prepared statement can no longer be used: a table has another column now, or someone has taken the statement away.
UNPREPARED = (pg.FeatureNotSupported, pg.InvalidSqlStatementName, pg.DuplicatePreparedStatement)
# After these nothing was committed, and what is tried again may succeed.
REPEATED = (pg.DeadlockDetected, pg.SerializationFailure, pg.ReadOnlySqlTransaction, *UNPREPARED)
PREPARED_AFTER = 5  # executions of a statement: to plan it costs the server up to forty times what it then does
PLAN_EVERY_S = 5  # a plan that was made for a table of ten rows reads all of it when it has a million

# Goes on whoever sets the clock, and where there is such a one also while the machine sleeps.
STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_us() -> int:
    return time.clock_gettime_ns(STEADY) // 1000


class Clock:
    """The server's clock, as all machines at one database must agree on the time.

    It is kept as an offset from a clock that nobody sets: a step of this machine's own changes nothing.
    """

    def __init__(self) -> None:
        self.offset_us = time.time_ns() // 1000 - steady_us()  # until the server was asked
        self.read_at = -float(CLOCK_EVERY_S)

    def now_us(self) -> int:
        return steady_us() + self.offset_us

    def read(self, connection: psycopg.Connection[Row]) -> None:
        before = steady_us()
        row = connection.execute(CLOCK).fetchone()
        after = steady_us()
        self.offset_us = (row["us"] if row else 0) - (before + after) // 2
        self.read_at = time.monotonic()

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self.read_at > CLOCK_EVERY_S


class Session:
    """With `prepares` the server keeps the plans of statements that come again and again."""

    def __init__(self, conninfo: dict[str, Any], clock: Clock, *, prepares: bool = False) -> None:
        self.conninfo = conninfo
        self.clock = clock
        self.prepares = prepares
        self.planned_at = 0.0
        self.connection: psycopg.Connection[Row] | None = None
        self.began: float | None = None  # the transaction that runs

    @contextmanager
    def transaction(self, begin: str) -> Iterator[Statements]:
        """Raises what the driver raises; the transaction is rolled back, or the connection closed."""
        self.began = time.monotonic()
        connection = self.begin(begin)
        try:
            yield Statements(connection)
            connection.execute("COMMIT")
        except OUTDATED:
            connection.close()
            raise
        except BaseException:
            roll_back(connection)
            raise
        finally:
            self.began = None

    def begin(self, begin: str) -> psycopg.Connection[Row]:
        """The connection with a transaction begun; a fresh one where the server has closed the old one meanwhile."""
        if self.connection is None or self.connection.closed:
            return self.connect(begin)
        try:
            self.connection.execute(begin)
        except psycopg.OperationalError:  # nothing was asked yet, so nothing can be done twice
            self.connection.close()
            return self.connect(begin)
        if self.clock.is_due:
            self.clock.read(self.connection)
        if self.prepares and time.monotonic() - self.planned_at > PLAN_EVERY_S:
            self.plan_anew(self.connection)
        return self.connection

    def connect(self, begin: str) -> psycopg.Connection[Row]:
        self.connection = connect(self.conninfo)
        self.clock.read(self.connection)
        if self.prepares:
            self.plan_anew(self.connection)
        self.connection.execute(begin)
        return self.connection

    def plan_anew(self, connection: psycopg.Connection[Row]) -> None:
        """Forget the plans, and prepare statements only at the server itself.

        A pooler may lead each transaction to another session of the server, where a statement was never prepared, or
        another one has its name. It answers for the server when we connect, with a number of its own.
        """
        row = connection.execute("SELECT pg_backend_pid() AS pid", prepare=False).fetchone()
        is_direct = bool(row and row["pid"] == connection.info.backend_pid)
        if is_direct:
            connection.execute("DISCARD PLANS")
        connection.prepare_threshold = PREPARED_AFTER if is_direct else None
        self.planned_at = time.monotonic()

    def cut_off(self, older_than_s: float = 0) -> None:
        """End a conversation that takes too long, so that the thread that holds it can start another.

        A server that takes connections and says nothing, or a commit that waits for a standby that is gone, never
        returns by itself. The socket is shut down under the driver through a descriptor of our own: closing the
        driver's would let a new connection take the same number while the thread still waits on it.
        """
        connection, began = self.connection, self.began
        if connection is None or began is None or time.monotonic() - began < older_than_s:
            return
        with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as sock:
            sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()


class Statements:
    """A transaction on the connection, with `?` for a value as in SQLite."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self.connection = connection

    def execute(self, sql: str, values: Sequence[Any] = ()) -> psycopg.Cursor[Row]:
        return self.connection.execute(placeholders(sql, from_now(values)), bound(values) or None)

    def executemany(self, sql: str, each: Iterable[Sequence[Any]]) -> None:
        for marks, alike in groupby(each, from_now):
            self.run(placeholders(sql, marks), list(map(bound, alike)), returning=False)

    def execute_each(self, sql: str, each: Iterable[Sequence[Any]]) -> list[list[Row]]:
        """The rows for each of these values; several in one round trip."""
        cursors = [
            self.run(placeholders(sql, marks), list(map(bound, alike)), returning=True)
            for marks, alike in groupby(each, from_now)
        ]
        return [all_rows(one) for cursor in cursors for one in cursor.results()]

    def run(self, sql: Any, each: Sequence[Sequence[Any]], *, returning: bool) -> psycopg.Cursor[Row]:
        cursor = self.connection.cursor()
        if len(each) > 1:
            cursor.executemany(sql, each, returning=returning)
        else:
            cursor.execute(sql, each[0] or None)  # half the price
        return cursor


def from_now(values: Sequence[Any]) -> tuple[bool, ...]:
    """Which of them count from the server's clock."""
    return tuple(isinstance(value, FromNow) for value in values)


def bound(values: Sequence[Any]) -> list[Any]:
    return [value.us if isinstance(value, FromNow) else value for value in values]


@cache
def placeholders(sql: str, marks: Sequence[bool] = ()) -> Any:
    """The statement in the driver's words; `marks` says which of its values count from the server's clock."""
    if not any(marks):
        return sql.replace("%", "%%").replace("?", "%s") if "?" in sql else sql
    first, *rest = sql.replace("%", "%%").split("?")
    texts = [f"({NOW} + %s)" if counts else "%s" for counts in marks]
    return first + "".join(text + more for text, more in zip(texts, rest, strict=True))


def connect(conninfo: dict[str, Any]) -> psycopg.Connection[Row]:
    connection = psycopg.connect(**conninfo, autocommit=True, prepare_threshold=None, row_factory=dict_row)
    keep_from_forks(connection)
    return connection


def is_read_only(connection: psycopg.Connection[Row]) -> bool:
    """Whether its server is no primary any more. Raises what the driver raises."""
    row = connection.execute("SHOW transaction_read_only").fetchone()
    return bool(row and row["transaction_read_only"] == "on")


def roll_back(connection: psycopg.Connection[Row]) -> None:
    try:
        connection.execute("ROLLBACK")
    except psycopg.Error:
        connection.close()


def select(session: Session, sql: str, each: Sequence[Sequence[Any]], timeout_s: float) -> Sequence[Sequence[Row]]:
    """The rows of a SELECT for each of these values, in a transaction of its own.

    The server ends a statement that takes so long. Raises StoreError.
    """
    begin = f"BEGIN READ ONLY; SET LOCAL statement_timeout = {max(1, round(timeout_s * 1000))}; {END_IDLE}"
    with translating_errors():
        try:
            with session.transaction(begin) as tx:
                return tx.execute_each(sql, each)
        except pg.QueryCanceled as error:
            raise TookTooLong(timeout_s) from error


@contextmanager
def watched(session: Session, timeout_s: float) -> Iterator[None]:
    """Cut off what is not done by then: a server that hangs does not keep its own time limit."""
    timer = threading.Timer(timeout_s, session.cut_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Collision(StoreUnavailable):
    """The server refused this transaction in a moment that may be over: to be tried again."""


@contextmanager
def translating_errors() -> Iterator[None]:
    """Raises StoreError and StoreUnavailable for what the driver raises.

    The server's detail lines may quote a caller: they stay out.
    """
    try:
        yield
    except REPEATED as error:
        raise Collision(summary(error)) from error
    except pg.InsufficientPrivilege as error:
        raise NotPermitted(f"{summary(error)}. {OWN_IT}") from error
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError) as error:
        raise StoreError(summary(error)) from error
    except (psycopg.Error, OSError) as error:
        raise StoreUnavailable(summary(error)) from error


def summary(error: Exception) -> str:
    primary = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return f"{type(error).__name__}: {primary or str(error).partition(chr(10))[0]}"
