"""A database for pages: whatever they read, no acknowledgement waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from ..settings import Settings
from .database import Database, Nudges, Row, Transaction

Item = TypeVar("Item")
Result = TypeVar("Result")

READ_S = 2  # a page that takes longer has a query that lacks an index
FILE_READS, SERVER_READS = 3, 1  # at once in a process: a small Postgres has 20 connections in all


class ReadsApart:
    """Reads on connections of its own, each for `READ_S` at most; commits with everybody else, which is short."""

    def __init__(self, db: Database, reads: Database) -> None:
        self.db = db
        self.reads = reads
        self.shared = db.shared

    def read(self, sql: str, values: Sequence[Any] = (), *, timeout_s: float = READ_S) -> Sequence[Row]:
        return self.reads.read(sql, values, timeout_s=min(timeout_s, READ_S))

    def read_each(
        self, sql: str, each: Sequence[Sequence[Any]], *, timeout_s: float = READ_S
    ) -> Sequence[Sequence[Row]]:
        return self.reads.read_each(sql, each, timeout_s=min(timeout_s, READ_S))

    def commit(self, work: Callable[[Transaction], Result], *, timeout_s: float = 5, nudges: bool = False) -> Result:
        return self.db.commit(work, timeout_s=timeout_s, nudges=nudges)

    def commit_together(
        self, work: Callable[[Transaction, Sequence[Item]], Sequence[Result]], item: Item, *, timeout_s: float = 5
    ) -> Result:
        return self.db.commit_together(work, item, timeout_s=timeout_s)

    def start(self) -> None:
        self.db.start()

    def transaction(self) -> AbstractContextManager[Transaction]:
        return self.db.transaction()

    def purge(self, tables: Sequence[str], *, timeout_s: float = 60) -> bool:
        return self.db.purge(tables, timeout_s=timeout_s)

    def now_us(self) -> int:
        return self.db.now_us()

    def nudge(self) -> None:
        self.db.nudge()

    def nudges(self) -> Nudges:
        return self.db.nudges()

    def others_claim(self, tx: Transaction, runs: Sequence[int]) -> set[int]:
        return self.db.others_claim(tx, runs)

    def prepare(self) -> None:
        self.db.prepare()

    def lock_schema(self, tx: Transaction) -> None:
        self.db.lock_schema(tx)

    def schema_version(self, tx: Transaction) -> int:
        return self.db.schema_version(tx)

    def set_schema_version(self, tx: Transaction, version: int) -> None:
        self.db.set_schema_version(tx, version)

    def ddl(self, statement: str) -> str:
        return self.db.ddl(statement)

    def close(self) -> None:
        """What is open for reading; the database itself is closed by whoever opened it."""
        self.reads.close()


def reads_apart(settings: Settings, db: Database) -> ReadsApart:
    """`db` for pages. Nothing is connected to before somebody looks."""
    if settings.database_url:
        from .postgres import Postgres

        return ReadsApart(db, Postgres(settings.database_url, reads=SERVER_READS))
    from .sqlite import Sqlite

    return ReadsApart(db, Sqlite(settings.database_path, reads=FILE_READS))
