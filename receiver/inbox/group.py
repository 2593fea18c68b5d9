"""Group commit: what has gathered from many threads goes to disk in one transaction.

Whichever thread finds nobody at work leads: it takes all that waits, commits it, hands the lead to the first
that came meanwhile, and wakes those it served. No thread of its own, and one fsync for many.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

Result = TypeVar("Result")


class Ticket:
    """One thread's piece of writing, and how it went."""

    __slots__ = ("done", "error", "leads", "result", "wake", "work")

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self.work = work
        self.wake = threading.Lock()
        self.wake.acquire()
        self.leads = self.done = False
        self.result: Any = None
        self.error: Exception | None = None


class GroupCommit:
    def __init__(self, transaction: Callable[[], AbstractContextManager[Any]]) -> None:
        self.transaction = transaction
        self.mutex = threading.Lock()
        self.waiting: list[Ticket] = []
        self.busy = False

    def run(self, work: Callable[[Any], Result], timeout_s: float) -> Result:
        """The result of `work`, committed. Raises what `work` or the commit raised, or TimeoutError.

        After a TimeoutError the work may still be committed later, or never.
        """
        ticket = Ticket(work)
        with self.mutex:
            self.waiting.append(ticket)
            ticket.leads, self.busy = not self.busy, True
        if not ticket.leads and not ticket.wake.acquire(timeout=timeout_s):
            self.withdraw(ticket)
        if ticket.leads and not ticket.done:
            self.lead()
        if ticket.error:
            raise ticket.error
        return ticket.result  # type: ignore[no-any-return]

    def withdraw(self, ticket: Ticket) -> None:
        """Leave the queue, unless it is this thread's turn by now."""
        with self.mutex:
            if ticket.done or ticket.leads:
                return
            if ticket in self.waiting:
                self.waiting.remove(ticket)
        raise TimeoutError("the database did not commit in time")

    def lead(self) -> None:
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
        finally:
            self.hand_over()
            for ticket in batch:
                ticket.done = True
                ticket.wake.release()

    def take(self) -> list[Ticket]:
        with self.mutex:
            batch, self.waiting = self.waiting, []
        return batch

    def hand_over(self) -> None:
        with self.mutex:
            self.busy = bool(self.waiting)
            if self.waiting:
                self.waiting[0].leads = True
                self.waiting[0].wake.release()

    def fail(self, batch: list[Ticket], error: Exception) -> None:
        """One bad piece must not fail its neighbours: try each alone, unless it is the database itself."""
        if len(batch) == 1 or isinstance(error, sqlite3.OperationalError | OSError):
            for ticket in batch:
                ticket.error = error
            return
        for ticket in batch:
            self.alone(ticket)

    def alone(self, ticket: Ticket) -> None:
        try:
            with self.transaction() as tx:
                ticket.result = ticket.work(tx)
        except Exception as error:  # as above
            ticket.error = error
