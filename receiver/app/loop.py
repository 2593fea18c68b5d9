"""How the greenlets of a loop wait for native threads."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import Any

from gevent import get_hub
from gevent.lock import Semaphore

from ..store import ThreadBell


class LoopBell(ThreadBell):
    """How a greenlet waits for another thread: one signal from that thread wakes all whose work is done."""

    def __init__(self) -> None:
        self.home = threading.get_ident()
        self.rung: deque[Any] = deque()
        self.watcher = get_hub().loop.async_()
        self.watcher.start(self.wake)

    def lock(self) -> Any:
        """One that is taken: for a greenlet of this loop, or for a thread."""
        return Semaphore(0) if threading.get_ident() == self.home else super().lock()

    def ring(self, locks: Sequence[Any]) -> None:
        """Release them, from any thread: those of this loop in it."""
        of_loop = [lock for lock in locks if isinstance(lock, Semaphore)]
        super().ring([lock for lock in locks if not isinstance(lock, Semaphore)])
        if of_loop:
            self.rung.extend(of_loop)
            self.watcher.send()

    def wake(self) -> None:
        while self.rung:
            self.rung.popleft().release()
