"""Group commit: what has gathered from many requests goes to disk in one transaction.

One thread of its own commits, and those whose work it is wait for it no longer than they may: whatever hangs
below it, a disk, a lock or a server, no request hangs with it. One fsync serves many.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, TypeVar

from ..errors import StoreUnavailable

Item = TypeVar("Item")
Result = TypeVar("Result")
ERRANDS_S = 0.01  # of errands between two commits, at least
LONGEST_ERRANDS_S = 1.0


class Bell(Protocol):
    """How those who wait are woken."""

    def lock(self) -> Any:
        """One that is taken, to be waited for with `acquire(timeout=)`."""
        ...

    def ring(self, locks: Sequence[Any], /) -> None:
        """Release them; called on the thread that commits."""
        ...


class ThreadBell:
    """For those who wait in threads of their own."""

    def lock(self) -> Any:
        lock = threading.Lock()  # cheaper than an Event, of which each delivery needs one
        lock.acquire()
        return lock

    def ring(self, locks: Sequence[Any]) -> None:
        for lock in locks:
            lock.release()


class Outcome:
    """How a piece of work went that another thread does."""

    __slots__ = ("done", "error", "result")

    def __init__(self, done: Any) -> None:
        self.done = done  # a lock, which is released at the end
        self.result: Any = None
        self.error: BaseException | None = None

    def take(self) -> Any:
        """The result, once it is done. Raises what the work raised."""
        if self.error:
            try:
                raise self.error
            finally:
                self.error = None  # as its traceback holds this, and this a body of a MiB until then
        return self.result


class Ticket(Outcome):
    """One piece of work for the committing thread, and how it went."""

    __slots__ = ("nudges", "work")

    def __init__(self, work: Callable[[Any], Any], done: Any, nudges: bool = False) -> None:
        super().__init__(done)
        self.work = work
        self.nudges = nudges  # whether the dispatcher is told


class TicketTogether(Ticket):
    """For work that is done once for all the items that wait for it."""

    __slots__ = ("item", "work_on_all")

    def __init__(self, work: Callable[[Any, Sequence[Any]], Sequence[Any]], item: Any, done: Any) -> None:
        super().__init__(lambda tx: work(tx, [item])[0], done)
        self.work_on_all = work
        self.item = item


class GroupCommit:
    """Commits on one thread of its own, which starts with the first piece of work.

    Without that thread a request would wait inside the driver, and a disk or a server that hangs would hold the whole
    process for as long as it likes. `abort_stuck` is called when a caller gave up waiting: it may cut off what the
    committing thread waits for. `bell` wakes the callers, all those of a commit at once, and `nudge` follows once.
    """

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[Any]],
        abort_stuck: Callable[[], None] = lambda: None,
        bell: Bell | None = None,
        nudge: Callable[[], None] = lambda: None,
    ) -> None:
        self.transaction = transaction
        self.abort_stuck = abort_stuck
        self.bell = bell or ThreadBell()
        self.nudge = nudge
        self.arrived = threading.Condition()
        self.waiting: list[Ticket] = []
        self.errands: list[Ticket] = []
        self.thread: threading.Thread | None = None
        self.closing = False
        self.commit_s = 0.0  # how long the last one took

    def run(self, work: Callable[[Any], Result], timeout_s: float, *, nudges: bool = False) -> Result:
        """The result of `work`, committed. Raises what `work` or the commit raised.

        Raises StoreUnavailable where that takes too long: the work may then still be committed, or never.
        """
        return self.result_of(self.submit(work, nudges=nudges), self.waiting, timeout_s)  # type: ignore[no-any-return]

    def run_together(
        self, work: Callable[[Any, Sequence[Item]], Sequence[Result]], item: Item, timeout_s: float
    ) -> Result:
        """As `run`, with one call of `work` for the items of all that wait with an equal one; a result for each."""
        ticket = TicketTogether(work, item, self.bell.lock())
        self.put(ticket, self.waiting)
        return self.result_of(ticket, self.waiting, timeout_s)  # type: ignore[no-any-return]

    def run_between(self, work: Callable[[], Result], timeout_s: float) -> Result:
        """The result of `work`, done on the committing thread between two commits, in no transaction of ours.

        Raises what `work` raised; StoreUnavailable as above.
        """
        ticket = Ticket(lambda _: work(), self.bell.lock())
        self.put(ticket, self.errands)
        return self.result_of(ticket, self.errands, timeout_s)  # type: ignore[no-any-return]

    def submit(self, work: Callable[[Any], Any], *, nudges: bool = False) -> Ticket:
        """Have it committed, and do not wait."""
        ticket = Ticket(work, self.bell.lock(), nudges)
        self.put(ticket, self.waiting)
        return ticket

    def put(self, ticket: Ticket, line: list[Ticket]) -> None:
        with self.arrived:
            line.append(ticket)
            self.start()
            if len(line) == 1:
                self.arrived.notify()

    def start(self) -> None:
        """Start the thread, unless it runs. A process that is ending cannot: it has to be done before."""
        with self.arrived:
            if self.thread is None:
                self.thread = threading.Thread(target=self.keep_committing, daemon=True, name="commit")
                self.thread.start()

    def result_of(self, ticket: Ticket, line: list[Ticket], timeout_s: float) -> Any:
        if not ticket.done.acquire(timeout=timeout_s):
            with self.arrived:
                if ticket in line:
                    line.remove(ticket)
            self.abort_stuck()
            raise StoreUnavailable(f"the database did not answer within {timeout_s:.0f} s")
        return ticket.take()

    def close(self, timeout_s: float = 1) -> bool:
        """End the thread once it has done what waits; whether it has ended by then."""
        with self.arrived:
            self.closing = True
            self.arrived.notify()
        if self.thread:
            self.thread.join(timeout_s)
        return self.thread is None or not self.thread.is_alive()

    def keep_committing(self) -> None:
        while self.wait():
            self.do_errands()
            if self.waiting:
                began = time.monotonic()
                self.commit()
                self.commit_s = time.monotonic() - began

    def wait(self) -> bool:
        with self.arrived:
            while not self.waiting and not self.errands and not self.closing:
                self.arrived.wait()
            return bool(self.waiting or self.errands)

    def do_errands(self) -> None:
        """As many as are done in a moment, or in as long as the last commit took: neither waits for long lines of both.

        One at least, however slow.
        """
        deadline = time.monotonic() + max(ERRANDS_S, min(self.commit_s, LONGEST_ERRANDS_S))
        while batch := self.take(self.errands, 1):
            [ticket] = batch
            self.run_alone(ticket, nullcontext)
            self.bell.ring([ticket.done])
            if time.monotonic() >= deadline:
                return

    def commit(self) -> None:
        """Commit all that has gathered by the time it is our turn at the database.

        The batch is taken inside the transaction, as the turn may be a long time coming: what arrives meanwhile
        shares this fsync instead of waiting for the next.
        """
        batch: list[Ticket] = []
        try:
            with self.transaction() as tx:
                batch = self.take(self.waiting)
                results = do_all(tx, batch)
        except Exception as error:  # whatever it is, each thread that waits must hear of it
            batch = batch or self.take(self.waiting)
            self.fail(batch, error)
        else:
            for ticket, result in zip(batch, results, strict=True):
                ticket.result = result
        self.bell.ring([ticket.done for ticket in batch])
        if any(ticket.nudges for ticket in batch):
            self.nudge()

    def take(self, line: list[Ticket], number: int | None = None) -> list[Ticket]:
        with self.arrived:
            batch = line[:number]
            del line[:number]
        return batch

    def fail(self, batch: list[Ticket], error: Exception) -> None:
        """Try each alone, so that a bad piece fails none of its neighbours; not where the database is in trouble."""
        if len(batch) == 1 or isinstance(error, StoreUnavailable):
            for ticket in batch:
                ticket.error = error
            return
        for ticket in batch:
            self.run_alone(ticket, self.transaction)

    def run_alone(self, ticket: Ticket, transaction: Callable[[], AbstractContextManager[Any]]) -> None:
        try:
            with transaction() as tx:
                ticket.result = ticket.work(tx)
        except Exception as error:  # as above
            ticket.error = error


def do_all(tx: Any, batch: Sequence[Ticket]) -> list[Any]:
    """The results of these, in their order. What is done together is done where the first of it stands."""
    together: dict[Any, list[TicketTogether]] = {}
    for ticket in batch:
        if isinstance(ticket, TicketTogether):
            together.setdefault(ticket.work_on_all, []).append(ticket)
    if not together:
        return [ticket.work(tx) for ticket in batch]
    results: dict[Ticket, Any] = {}
    for ticket in batch:
        if not isinstance(ticket, TicketTogether):
            results[ticket] = ticket.work(tx)
        elif ticket not in results:
            alike = together[ticket.work_on_all]
            results |= zip(alike, ticket.work_on_all(tx, [each.item for each in alike]), strict=True)
    return [results[ticket] for ticket in batch]
