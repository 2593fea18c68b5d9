"""One SQLite file: how it is opened, and how all of the project's processes take turns at writing it."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from .database import FromNow, Row, Transaction
from .datagrams import NUDGES, Datagrams
from .group import Bell, GroupCommit
from .readers import Readers, all_rows
from .sqlite_connection import (
    Connection,
    Moved,
    check_in_place,
    connect,
    connect_to_read,
    empty_log,
    is_log_empty,
    time_limit,
    translating_errors,
)
from .turn import Turn, give_to_owner

Item = TypeVar("Item")
Result = TypeVar("Result")

PURGE_EVERY_S = 0.1  # whoever reads the old content leaves within the limit of a read
READS = 8  # at once in a process; a place for each costs nothing until it is needed


def machine_us() -> int:
    return time.time_ns() // 1000


sqlite3.register_adapter(FromNow, lambda value: machine_us() + value.us)  # one machine has one clock


class Sqlite:
    """Opened when it is first needed, and again after trouble: a process outlives a disk that is away.

    Only `prepare` makes the file. Whatever is asked of a path where there is none raises StoreUnavailable.
    """

    shared = False

    def __init__(self, path: Path, bell: Bell | None = None, *, reads: int = READS) -> None:
        self.path = path
        self.turn = Turn(path.with_name(path.name + ".lock"))
        self.writer: Connection | None = None
        self.readers = Readers(lambda: connect_to_read(path), size=reads)
        self.nudger = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.nudger.setblocking(False)
        self.group = GroupCommit(self.transaction, bell=bell, nudge=self.nudge)

    def commit(self, work: Callable[[Transaction], Result], *, timeout_s: float = 10, nudges: bool = False) -> Result:
        return self.group.run(work, timeout_s, nudges=nudges)

    def commit_together(
        self, work: Callable[[Transaction, Sequence[Item]], Sequence[Result]], item: Item, *, timeout_s: float = 10
    ) -> Result:
        return self.group.run_together(work, item, timeout_s)

    def start(self) -> None:
        self.group.start()

    def read(self, sql: str, values: Sequence[Any] = (), *, timeout_s: float = 10) -> Sequence[Row]:
        [rows] = self.read_each(sql, [values], timeout_s=timeout_s)
        return rows

    def read_each(self, sql: str, each: Sequence[Sequence[Any]], *, timeout_s: float = 10) -> Sequence[Sequence[Row]]:
        with translating_errors(self.readers.close):
            while True:
                with contextlib.suppress(Moved), self.readers.lend(timeout_s) as connection:
                    check_in_place(connection, self.path)
                    with time_limit(connection, timeout_s):
                        return [all_rows(connection.execute(sql, values)) for values in each]

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Alone among all processes of the project, by a lock on a file beside the database.

        Without it SQLite's busy handler would do the waiting, which sleeps and looks again, in no order: with 32
        connections at two processes some never got their turn, and their requests failed.
        """
        with translating_errors(self.reset), self.turn.take():
            writer = self.open_writer()
            try:
                writer.execute("BEGIN IMMEDIATE")
                yield writer
                writer.execute("COMMIT")
            except BaseException:
                if writer.in_transaction:
                    writer.execute("ROLLBACK")
                raise

    def purge(self, tables: Sequence[str], *, timeout_s: float = 60) -> bool:
        """What was deleted is overwritten already (`secure_delete`), but the log has it until it is emptied."""
        deadline = time.monotonic() + timeout_s
        while not self.group.run_between(self.empty_log, timeout_s):
            if time.monotonic() > deadline:
                return False
            time.sleep(PURGE_EVERY_S)
        return True

    def empty_log(self) -> bool:
        with translating_errors(self.reset), self.turn.take():
            return is_log_empty(self.open_writer())

    def open_writer(self) -> Connection:
        """The connection to the file that is at the path now: what is written into another one is lost."""
        try:
            if self.writer is not None:
                check_in_place(self.writer, self.path)
        except Moved:
            self.reset()
        if self.writer is None:
            self.writer = connect(self.path)
        return self.writer

    def reset(self) -> None:
        """Open the file afresh next time: what was wrong with it, or with the disk, may have been put right."""
        self.readers.close()
        if self.writer is not None:
            with contextlib.suppress(sqlite3.Error):
                self.writer.close()
        self.writer = None

    def prepare(self) -> None:
        with translating_errors(self.reset), contextlib.suppress(FileExistsError):
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            give_to_owner(fd, self.path.parent)
            os.close(fd)

    def now_us(self) -> int:
        return machine_us()

    def nudge(self) -> None:
        with contextlib.suppress(OSError):  # no dispatcher, or one with nudges enough: it looks every second anyway
            self.nudger.sendto(b"", str(self.path.with_name(NUDGES)))

    def nudges(self) -> Datagrams:
        return Datagrams(self.path.with_name(NUDGES))

    def others_claim(self, tx: Transaction, runs: Sequence[int]) -> set[int]:
        return set()  # a writing transaction is alone

    def lock_schema(self, tx: Transaction) -> None:
        pass  # as above

    def schema_version(self, tx: Transaction) -> int:
        return int(tx.execute("PRAGMA user_version").fetchone()["user_version"])

    def set_schema_version(self, tx: Transaction, version: int) -> None:
        tx.execute(f"PRAGMA user_version = {version}")

    def ddl(self, statement: str) -> str:
        return statement

    def close(self) -> None:
        has_ended = self.group.close()
        if has_ended and self.writer is not None:
            empty_log(self.writer)
        self.reset()
        self.nudger.close()
        self.turn.close()
