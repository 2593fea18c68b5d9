"""Group commit: what has gathered from many threads goes to disk in one transaction.

One thread of its own commits, and those whose work it is wait for it no longer than they may: whatever hangs
below it, a disk, a lock or a server, no request hangs with it. One fsync serves many.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from ..errors import StoreUnavailable

Result = TypeVar("Result")


class Ticket:
    """One piece of writing, and how it went."""

    __slots__ = ("done", "error", "result", "work")

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self.work = work
        self.done = threading.Lock()
        self.done.acquire()
        self.result: Any = None
        self.error: Exception | None = None


class GroupCommit:
    """`abort_stuck` is called when a caller gave up waiting: it may cut off what the committing thread waits for."""

    def __init__(
        self, transaction: Callable[[], AbstractContextManager[Any]], abort_stuck: Callable[[], None] = lambda: None
    ) -> None:
        self.transaction = transaction
        self.abort_stuck = abort_stuck
        self.arrived = threading.Condition()
        self.waiting: list[Ticket] = []
        self.thread: threading.Thread | None = None
        self.closing = False

    def run(self, work: Callable[[Any], Result], timeout_s: float) -> Result:
        """The result of `work`, committed. Raises what `work` or the commit raised.

        Raises StoreUnavailable where that takes too long: the work may then still be committed, or never.
        """
        ticket = self.submit(work)
        if not ticket.done.acquire(timeout=timeout_s):
            self.withdraw(ticket)
            self.abort_stuck()
            raise StoreUnavailable(f"it did not commit within {timeout_s:.0f} s")
        if ticket.error:
            raise ticket.error
        return ticket.result  # type: ignore[no-any-return]

    def submit(self, work: Callable[[Any], Any]) -> Ticket:
        """Have it done, and do not wait."""
        ticket = Ticket(work)
        with self.arrived:
            self.waiting.append(ticket)
            if self.thread is None:
                self.thread = threading.Thread(target=self.keep_committing, daemon=True, name="commit")
                self.thread.start()
            elif len(self.waiting) == 1:
                self.arrived.notify()
        return ticket

    def withdraw(self, ticket: Ticket) -> None:
        with self.arrived:
            if ticket in self.waiting:
                self.waiting.remove(ticket)

    def close(self, timeout_s: float = 1) -> None:
        """End the thread once it has done what waits."""
        with self.arrived:
            self.closing = True
            self.arrived.notify()
        if self.thread:
            self.thread.join(timeout_s)

    def keep_committing(self) -> None:
        while self.wait():
            self.commit()

    def wait(self) -> bool:
        with self.arrived:
            while not self.waiting and not self.closing:
                self.arrived.wait()
            return bool(self.waiting)

    def commit(self) -> None:
        """Commit all that has gathered by the time it is our turn at the database."""
        batch: list[Ticket] = []
        try:
            with self.transaction() as tx:
                batch = self.take()
                results = [ticket.work(tx) for ticket in batch]
        except Exception as error:  # whatever it is, each thread that waits must hear of it
            batch = batch or self.take()
            self.fail(batch, error)
        else:
            for ticket, result in zip(batch, results, strict=True):
                ticket.result = result
        for ticket in batch:
            ticket.done.release()

    def take(self) -> list[Ticket]:
        with self.arrived:
            batch, self.waiting = self.waiting, []
        return batch

    def fail(self, batch: list[Ticket], error: Exception) -> None:
        """One bad piece must not fail its neighbours: try each alone, unless it is the database itself."""
        if len(batch) == 1 or isinstance(error, StoreUnavailable):
            for ticket in batch:
                ticket.error = error
            return
        for ticket in batch:
            self.retry_alone(ticket)

    def retry_alone(self, ticket: Ticket) -> None:
        try:
            with self.transaction() as tx:
                ticket.result = ticket.work(tx)
        except Exception as error:  # as above
            ticket.error = error
