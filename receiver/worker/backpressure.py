"""A process takes on no more runs than its database can record.

A handler of many lanes has a thread for each of their slots, and one connection that commits. Were all of them to ask
for runs at once, leases would end before what was sent is written down, and others would send it again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

AT_ONCE = 50  # claims that share a commit: in a second where each costs the database 20 ms


class Backpressure:
    """So many claims at once. Of the lanes whose others wait each has the next turn in its turn: one that is flooded
    waits for itself.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self.mutex = threading.Lock()
        self.free = at_once
        self.lines: OrderedDict[Hashable, deque[threading.Lock]] = OrderedDict()
        self.has_no_line = threading.Event()
        self.has_no_line.set()

    @contextmanager
    def turn(self, lane: Hashable) -> Iterator[None]:
        """To claim in: it may be a while until it comes."""
        self.wait(lane)
        try:
            yield
        finally:
            self.leave()

    def wait(self, lane: Hashable) -> None:
        with self.mutex:
            if self.free:
                self.free -= 1
                return
            called = threading.Lock()
            called.acquire()
            self.lines.setdefault(lane, deque()).append(called)
            self.has_no_line.clear()
        called.acquire()

    def leave(self) -> None:
        with self.mutex:
            if not self.lines:
                self.free += 1
                return
            lane, line = self.lines.popitem(last=False)
            line.popleft().release()  # it has our place
            if line:
                self.lines[lane] = line  # behind the others
            if not self.lines:
                self.has_no_line.set()
