"""A process takes on no more runs than its database can record.

A handler of many lanes has a thread for each of their slots, and one connection that commits. Were all of them to ask
for runs at once, leases would end before what was sent is written down, and others would send it again.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 50  # claims that share a commit
SLOW_S = 1.0  # a claim that takes longer is one of too many; its lease, which runs meanwhile, is for six seconds


class Backpressure:
    """So many claims at once, the others in the order in which they came: fewer while each takes long."""

    def __init__(self, at_once: int = AT_ONCE, slow_s: float = SLOW_S) -> None:
        self.most = self.limit = at_once
        self.slow_s = slow_s
        self.mutex = threading.Lock()
        self.active = 0
        self.line: deque[threading.Lock] = deque()
        self.has_no_line = threading.Event()
        self.has_no_line.set()
        self.limited_at = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """To claim in: it may be a while until it comes."""
        self.wait()
        began = time.monotonic()
        try:
            yield
        finally:
            self.leave(began)

    def wait(self) -> None:
        with self.mutex:
            if self.active < self.limit:
                self.active += 1
                return
            called = threading.Lock()
            called.acquire()
            self.line.append(called)
            self.has_no_line.clear()
        called.acquire()

    def leave(self, began: float) -> None:
        now = time.monotonic()
        with self.mutex:
            self.active -= 1
            self.adapt(began, now)
            while self.line and self.active < self.limit:
                self.active += 1
                self.line.popleft().release()
            if not self.line:
                self.has_no_line.set()

    def adapt(self, began: float, now: float) -> None:
        """Half as many where a claim is slow, once for all those that were under way; one more where it was quick."""
        if now - began > self.slow_s and began >= self.limited_at:
            self.limit, self.limited_at = max(1, self.limit // 2), now
        elif now - began < self.slow_s / 2:
            self.limit = min(self.most, self.limit + 1)
