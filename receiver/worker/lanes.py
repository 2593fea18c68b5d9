"""One lane in its handler's process: so many calls at a time, each in a thread of the lane's own.

A lane has threads for itself, so a target that hangs or is slow holds up its own runs and nobody else's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from ..registry import Handler, Lane


class LaneWorker:
    """`perform` attempts the runs of one call. `set_full` is told whether another job may be handed over."""

    def __init__(
        self,
        lane: Lane,
        handler: Handler,
        perform: Callable[[Lane, Sequence[int]], None],
        set_full: Callable[[bool], None],
    ) -> None:
        self.lane = lane
        self.batch = handler.batch
        self.parallel = handler.parallel
        self.perform = perform
        self.set_full = set_full
        self.threads = ThreadPoolExecutor(handler.parallel, thread_name_prefix=lane.target or lane.handler)
        self.mutex = threading.Lock()
        self.waiting: list[Sequence[int]] = []  # calls that were handed over and have not begun
        self.active = 0  # calls that have begun and have not ended

    def take(self, ids: Sequence[int]) -> None:
        """Attempt these runs, `batch` in a call, as soon as threads are free."""
        calls = [ids[i : i + self.batch] for i in range(0, len(ids), self.batch)]
        with self.mutex:
            self.waiting += calls
            full = len(self.waiting) >= self.parallel
        self.set_full(full)
        for _ in calls:
            self.threads.submit(self.perform_next)

    def perform_next(self) -> None:
        with self.mutex:
            if not self.waiting:  # the lane was emptied
                return
            call = self.waiting.pop(0)
            self.active += 1
            has_room = len(self.waiting) == self.parallel - 1
        if has_room:
            self.set_full(False)
        try:
            self.perform(self.lane, call)
        finally:
            with self.mutex:
                self.active -= 1

    def empty(self) -> list[int]:
        """Begin no more calls; ids of the runs that had not begun."""
        with self.mutex:
            calls, self.waiting = self.waiting, []
        return [run for call in calls for run in call]

    def join(self) -> None:
        """Wait until what has begun has ended."""
        self.threads.shutdown()
