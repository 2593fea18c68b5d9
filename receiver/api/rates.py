"""How much one token may ask for, counted in each process."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable

from .problems import come_again

A_SECOND, IN_HAND = 10, 20  # requests: a page takes some milliseconds of a process that has deliveries to receive
STREAMS, STREAMS_OF_ONE = 40, 4  # each looks at the database every second


class Rates:
    """A bucket of requests for each token."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.buckets: dict[str, tuple[float, float]] = {}  # of how many, as of when

    def take(self, token: str) -> None:
        """Raises Problem where there is none left."""
        now = self.clock()
        left, at = self.buckets.get(token, (IN_HAND, now))
        left = min(IN_HAND, left + (now - at) * A_SECOND)
        if left < 1:
            after_s = math.ceil((1 - left) / A_SECOND)
            raise come_again(429, "too-many-requests", f"One token has {A_SECOND} requests a second.", after_s)
        self.buckets[token] = (left - 1, now)


class Streams:
    """Those that are open."""

    def __init__(self) -> None:
        self.open: Counter[str] = Counter()

    def take(self, token: str) -> None:
        """Raises Problem where there are too many."""
        if self.open[token] >= STREAMS_OF_ONE:
            raise come_again(429, "too-many-streams", f"One token has {STREAMS_OF_ONE} streams.", 10)
        if self.open.total() >= STREAMS:
            raise come_again(503, "busy", "All streams are taken. Ask again, or poll.", 10)
        self.open[token] += 1

    def give_back(self, token: str) -> None:
        self.open[token] -= 1
        self.open += Counter()  # without those that are at 0
