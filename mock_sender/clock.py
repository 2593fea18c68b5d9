"""The sender's clocks: the machine's, and a virtual one that only sleeping moves."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Unix seconds."""

    def sleep(self, seconds: float) -> None: ...


class WallClock:
    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))


class VirtualClock:
    """Stands still but for sleep, which takes no time: a day of retries is over in milliseconds."""

    def __init__(self, now: float = 1_767_258_000.0) -> None:  # 2026-01-01, nine in the morning, UTC
        self.time = now
        self.lock = threading.Lock()

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.time += max(0.0, seconds)
