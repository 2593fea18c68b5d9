"""Children that die again and again: counted by the parent, in memory that it shares with all of its children.

The parent opens no database, so it cannot say it itself; a child that dies cannot either. Another child does.
"""

from __future__ import annotations

import json
import mmap
import time
from collections.abc import Callable

from ..inbox import Trouble

BYTES = 4096
WITHIN_S = 300.0
TIMES = 3  # within that time: one crash is an accident, and is made good by a new process
NAMES = 8  # at most that are told of: those that ended last
LOOK_EVERY_S = 1.0


class Crashes:
    """Made before the children are: they see what the parent writes."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.memory = mmap.mmap(-1, BYTES)
        self.ends: dict[str, list[float]] = {}
        self.how: dict[str, str] = {}

    def add(self, name: str, how: str) -> None:
        """The parent's: a child of this name has ended by itself."""
        self.ends[name] = [*self.ends.pop(name, []), self.now()][-TIMES:]
        self.how[name] = how[:100]
        latest = list(self.ends)[-NAMES:]
        rows = [[name, self.how[name], self.ends[name]] for name in latest]
        text = json.dumps(rows).encode()
        if len(text) <= BYTES:
            self.memory[:] = text.ljust(BYTES)

    def recent(self, ends: list[float]) -> list[float]:
        return [end for end in ends if self.now() - end < WITHIN_S]

    def sentence(self) -> str:
        """A child's: which ones die again and again; "" where none does."""
        try:
            rows = json.loads(self.memory[:].decode().strip("\0 ") or "[]")
        except ValueError:  # it is just being written
            return ""
        return "; ".join(
            f"its process for {name} ends again and again ({how})"
            for name, how, ends in rows
            if len(self.recent(ends)) >= TIMES
        )


class CrashReport:
    """Looks once a second, whoever calls it how often."""

    def __init__(self, crashes: Crashes, trouble: Trouble) -> None:
        self.crashes = crashes
        self.trouble = trouble
        self.looked_at = -LOOK_EVERY_S

    def look(self) -> None:
        """Raises StoreError."""
        if time.monotonic() - self.looked_at >= LOOK_EVERY_S:
            self.looked_at = time.monotonic()
            self.trouble.note(self.crashes.sentence())
