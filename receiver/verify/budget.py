"""A bound on what forged deliveries may cost us."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

IN_HAND_BYTES = 4 * 1024 * 1024  # a burst of mismatches
REFILL_BYTES_S = 1024 * 1024  # 1 MiB takes 10 ms of text, up to 500 ms of the oddest numbers: half a core


class Budget:
    """A token bucket in bytes, for one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.mutex = threading.Lock()
        self.left = float(IN_HAND_BYTES)
        self.filled = clock()

    def allows(self, size: int) -> bool:
        with self.mutex:
            now = self.clock()
            self.left = min(IN_HAND_BYTES, self.left + (now - self.filled) * REFILL_BYTES_S)
            self.filled = now
            return self.left >= size

    def charge(self, size: int) -> None:
        with self.mutex:
            self.left -= size
