"""Connections for reads alone, so that no read waits for a commit, and no commit for a read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar

from ..errors import StoreError, StoreUnavailable

IDLE_S = 60  # without a read, then none stays open: a server's connections are few, and a file's cost memory

PORTION = 100  # rows: a fraction of a millisecond


class TookTooLong(StoreError):
    """A read came to its limit. Its connection can be used again."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__(f"the read took over {timeout_s:g} s")


class Cursor(Protocol):
    def fetchmany(self, size: int, /) -> list[Any]: ...


def all_rows(cursor: Cursor) -> list[Any]:
    """In portions, with room between them for other threads.

    The driver holds the interpreter while it makes rows. With all of them at once a thread that commits waits for it
    at each of its steps: beside reads of 50,000 rows a commit took more than twice as long as with this.
    """
    rows: list[Any] = []
    while portion := cursor.fetchmany(PORTION):
        rows += portion
        time.sleep(0)
    return rows


class Closable(Protocol):
    def close(self) -> None: ...


Connection = TypeVar("Connection", bound=Closable)


class Readers(Generic[Connection]):
    """At most `size` connections, each used by one read at a time, so that a slow read holds up no other.

    They are opened as they are needed. Between reads one of them stays open.
    """

    def __init__(self, connect: Callable[[], Connection], *, size: int, idle_s: float = IDLE_S) -> None:
        self.connect = connect
        self.idle_s = idle_s
        self.places = threading.BoundedSemaphore(size)
        self.mutex = threading.Lock()
        self.idle: list[Connection] = []
        self.last_read = 0.0
        self.timer: threading.Timer | None = None

    @contextmanager
    def lend(self, timeout_s: float) -> Iterator[Connection]:
        """A connection for one read. Raises StoreUnavailable where all are in use for so long."""
        if not self.places.acquire(timeout=timeout_s):
            raise StoreUnavailable(f"other reads took all connections for {timeout_s:g} s")
        try:
            connection = self.take() or self.connect()
            try:
                yield connection
            except TookTooLong:
                self.give_back(connection)
                raise
            except BaseException:  # whatever is wrong with it, the next read gets another
                connection.close()
                raise
            self.give_back(connection)
        finally:
            self.places.release()

    def take(self) -> Connection | None:
        with self.mutex:
            return self.idle.pop() if self.idle else None

    def give_back(self, connection: Connection) -> None:
        with self.mutex:
            self.last_read = time.monotonic()
            if self.idle:
                connection.close()
                return
            self.idle.append(connection)
            if self.timer is None:
                self.start_timer(self.idle_s)

    def start_timer(self, after_s: float) -> None:
        self.timer = threading.Timer(after_s, self.close_unused)
        self.timer.daemon = True
        try:
            self.timer.start()
        except RuntimeError:  # no thread can start, as where the process is ending: the read has been answered
            self.timer = None

    def close_unused(self) -> None:
        with self.mutex:
            self.timer = None
            remaining_s = self.last_read + self.idle_s - time.monotonic()
            if remaining_s > 0:
                self.start_timer(remaining_s)
                return
        self.close()

    def close(self) -> None:
        """Close those that are not in use. The next read opens one."""
        with self.mutex:
            idle, self.idle = self.idle, []
            if self.timer is not None:
                self.timer.cancel()
                self.timer = None
        for connection in idle:
            connection.close()
