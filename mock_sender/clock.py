"""Time as the sender sees it: the wall's, the wall's at another speed, or one that is only said."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Unix seconds."""

    def sleep(self, seconds: float) -> None: ...


class WallClock:
    """`speed` 60 makes each minute last a second. A delivery is stamped by the wall's own time whatever the speed."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self.began = time.time()

    def now(self) -> float:
        return self.began + (time.time() - self.began) * self.speed

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds) / self.speed)


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
