"""One lane in its handler's process: so many attempts at a time, the next one as soon as one has ended.

No run waits for others to end while the lane has a slot free, and a target that hangs or is slow holds up its own runs
and nobody else's. Threads are the process's: a lane has some only while it has work.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager

from ..registry import Handler, Lane

ALONE_S = (
    5.0  # how long others wait for a run that may end the process, and it for them: one that hangs holds up nobody
)
Batch = Sequence[int]  # ids of the runs that the handler gets together; one, unless it takes batches


class LaneWorker:
    """`perform` attempts the runs of a batch. `set_full` is told whether another job may be handed over.

    `threads` has one for each slot of each lane. `set_full` is called under the lane's lock, so that the last one to be
    told is the last one that was true; what it returns is called after the lock is released.
    """

    def __init__(
        self,
        lane: Lane,
        handler: Handler,
        threads: Executor,
        perform: Callable[[Lane, Batch], None],
        set_full: Callable[[bool], Callable[[], None]],
    ) -> None:
        self.lane = lane
        self.batch_size = handler.batch
        self.parallel = handler.parallel
        self.threads = threads
        self.perform = perform
        self.set_full = set_full
        self.changed = threading.Condition()
        self.waiting: deque[Batch] = deque()  # handed over, and not begun
        self.active = 0  # slots in use

    def take(self, ids: Sequence[int]) -> None:
        """Attempt these runs, each batch as soon as a slot is free."""
        batches = [ids[i : i + self.batch_size] for i in range(0, len(ids), self.batch_size)]
        with self.changed:
            self.waiting.extend(batches)
            slots = min(len(batches), self.parallel - self.active)
            self.active += slots
            wake = self.set_full(self.is_full())
        wake()
        for _ in range(slots):
            self.threads.submit(self.fill_slot)

    def is_full(self) -> bool:
        return len(self.waiting) >= self.parallel

    def fill_slot(self) -> None:
        """One batch after another, until none waits."""
        while batch := self.next_batch():
            self.perform(self.lane, batch)

    def next_batch(self) -> Batch | None:
        """None where the slot is free."""
        with self.changed:
            if not self.waiting:
                self.active -= 1
                self.changed.notify_all()
                return None
            batch = self.waiting.popleft()
            wake = self.set_full(self.is_full())
        wake()
        return batch

    def empty(self) -> list[int]:
        """Begin no more batches; ids of the runs that had not begun."""
        with self.changed:
            batches = list(self.waiting)
            self.waiting.clear()
        return [run for batch in batches for run in batch]

    def join(self) -> None:
        """Wait until what has begun has ended."""
        with self.changed:
            self.changed.wait_for(lambda: not self.active)


class Neighbours:
    """The batches that are in the hands of one process, whichever their lanes.

    A run that ended its process before is attempted while there are no others, which would be lost with it.
    """

    def __init__(self) -> None:
        self.door = threading.Lock()
        self.changed = threading.Condition()
        self.active = 0

    @contextmanager
    def beside(self) -> Iterator[None]:
        """For a batch that others may run beside."""
        if self.door.acquire(timeout=ALONE_S):
            self.door.release()
        with self.counted():
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """For one that may end the process: once the others have ended; after a while all the same."""
        has_door = self.door.acquire(timeout=ALONE_S)
        try:
            with self.changed:
                self.changed.wait_for(lambda: not self.active, ALONE_S)
            with self.counted():
                yield
        finally:
            if has_door:
                self.door.release()

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self.changed:
            self.active += 1
        try:
            yield
        finally:
            with self.changed:
                self.active -= 1
                self.changed.notify_all()
