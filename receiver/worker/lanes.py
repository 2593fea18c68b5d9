"""One lane in its handler's process: so many attempts at a time, each in a thread of the lane's own.

A lane has threads for itself, so a target that hangs or is slow holds up its own runs and nobody else's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from ..registry import Handler, Lane

ALONE_S = (
    5.0  # how long others wait for a run that may end the process, and it for them: one that hangs holds up nobody
)
Batch = Sequence[int]  # ids of the runs that the handler gets together; one, unless it takes batches


class LaneWorker:
    """`perform` attempts the runs of a batch. `set_full` is told whether another job may be handed over.

    `set_full` is called under the lane's lock, so that the last one to be told is the last one that was true; what it
    returns is called after the lock is released.
    """

    def __init__(
        self,
        lane: Lane,
        handler: Handler,
        perform: Callable[[Lane, Batch], None],
        set_full: Callable[[bool], Callable[[], None]],
    ) -> None:
        self.lane = lane
        self.batch_size = handler.batch
        self.parallel = handler.parallel
        self.perform = perform
        self.set_full = set_full
        self.threads = ThreadPoolExecutor(handler.parallel, thread_name_prefix=lane.target or lane.handler)
        self.mutex = threading.Lock()
        self.waiting: list[Batch] = []  # handed over, and not begun
        self.active = 0  # batches that have begun and have not ended

    def take(self, ids: Sequence[int]) -> None:
        """Attempt these runs as soon as threads are free."""
        batches = [ids[i : i + self.batch_size] for i in range(0, len(ids), self.batch_size)]
        with self.mutex:
            self.waiting += batches
            wake = self.set_full(self.is_full())
        wake()
        for _ in batches:
            self.threads.submit(self.perform_next)

    def is_full(self) -> bool:
        return len(self.waiting) >= self.parallel

    def perform_next(self) -> None:
        with self.mutex:
            if not self.waiting:  # the lane was emptied
                return
            batch = self.waiting.pop(0)
            self.active += 1
            wake = self.set_full(self.is_full())
        wake()
        try:
            self.perform(self.lane, batch)
        finally:
            with self.mutex:
                self.active -= 1

    def empty(self) -> list[int]:
        """Begin no more batches; ids of the runs that had not begun."""
        with self.mutex:
            batches, self.waiting = self.waiting, []
        return [run for batch in batches for run in batch]

    def join(self) -> None:
        """Wait until what has begun has ended."""
        self.threads.shutdown()


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
