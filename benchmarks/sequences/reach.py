"""A process's way to the database, where the process can be killed and the connection cut at any of its calls."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from receiver.errors import StoreUnavailable
from receiver.store import Database, FromNow, Row, Transaction

from .clock import Clock
from .plan import Action


class Killed(BaseException):
    """The process is gone: nothing that it would have done next is done."""


class PlayedTime:
    """A transaction at a database whose clock is the played one."""

    def __init__(self, tx: Transaction, now_us: int) -> None:
        self.tx = tx
        self.now_us = now_us

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Any:
        return self.tx.execute(sql, played(values, self.now_us))

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> Any:
        return self.tx.executemany(sql, [played(values, self.now_us) for values in rows])

    def execute_each(self, sql: str, each: Iterable[Sequence[Any]]) -> list[list[Row]]:
        return self.tx.execute_each(sql, [played(values, self.now_us) for values in each])


def played(values: Sequence[Any], now_us: int) -> Sequence[Any]:
    return [now_us + value.us if isinstance(value, FromNow) else value for value in values]


class Reach:
    """A `Database` for one process. From the moment it is killed on, every call raises Killed."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock
        self.shared = db.shared
        self.killed = False
        self.calls_left = 0  # until the trouble comes; 0: none is to come
        self.kind = ""
        self.between: Callable[[], None] | None = None  # done once, before the next commit

    def expect(self, trouble: Action | None) -> None:
        self.calls_left, self.kind = (trouble["at"], trouble["kind"]) if trouble else (0, "")

    def kill(self) -> None:
        self.clock.troubles["process killed"] += 1
        self.killed = True
        raise Killed

    def trouble(self) -> str:
        """What happens at this call."""
        if self.killed:
            raise Killed
        if not self.calls_left:
            return ""
        self.calls_left -= 1
        if self.calls_left:
            return ""
        self.clock.troubles["connection cut"] += self.kind.startswith("cut")
        return self.kind

    def commit(self, work: Callable[[Transaction], Any], *, timeout_s: float = 10, nudges: bool = False) -> Any:
        if between := self.between:
            self.between = None
            between()
        kind = self.trouble()
        if kind == "kill-before":
            self.kill()
        timed = self.in_played_time(work)
        result = self.db.commit(self.cut_off(timed) if kind == "cut-during" else timed, timeout_s=timeout_s)
        if kind == "kill-after":
            self.kill()
        if kind == "cut-after":
            raise StoreUnavailable("the connection was cut before the answer came")
        return result

    def commit_together(
        self, work: Callable[[Transaction, Sequence[Any]], Sequence[Any]], item: Any, *, timeout_s: float = 10
    ) -> Any:
        return self.commit(lambda tx: work(tx, [item])[0], timeout_s=timeout_s)

    def in_played_time(self, work: Callable[[Transaction], Any]) -> Callable[[Transaction], Any]:
        return lambda tx: work(PlayedTime(tx, self.clock.now_us()))

    def cut_off(self, work: Callable[[Transaction], Any]) -> Callable[[Transaction], Any]:
        """The work, and then the end of its connection, before the commit."""

        def work_and_end(tx: Transaction) -> None:
            work(tx)
            if not self.shared:
                raise sqlite3.OperationalError("disk I/O error")
            tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        return work_and_end

    def read(self, sql: str, values: Sequence[Any] = (), *, timeout_s: float = 10) -> Sequence[Row]:
        [rows] = self.read_each(sql, [values], timeout_s=timeout_s)
        return rows

    def read_each(self, sql: str, each: Sequence[Sequence[Any]], *, timeout_s: float = 10) -> Sequence[Sequence[Row]]:
        kind = self.trouble()
        if kind.startswith("kill"):
            self.kill()
        if kind:
            raise StoreUnavailable("the connection was cut")
        now_us = self.clock.now_us()
        return self.db.read_each(sql, [played(values, now_us) for values in each], timeout_s=timeout_s)

    def now_us(self) -> int:
        self.look()
        return self.clock.now_us()

    def nudge(self) -> None:
        self.look()

    def look(self) -> None:
        if self.killed:
            raise Killed

    def others_claim(self, tx: Transaction, runs: Sequence[int]) -> set[int]:
        return self.db.others_claim(tx, runs)

    def close(self) -> None:
        pass  # its machine's
