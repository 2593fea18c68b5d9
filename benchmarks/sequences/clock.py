"""Time that passes when it is told to, and a clock on the wall that can be set."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

BEGIN_US = 1_800_000_000_000_000
YEAR_US = 365 * 86_400_000_000
RENEWAL_S = 2  # the processes that are at work renew their leases so often


class Clock:
    def __init__(self, renewals: Callable[[float], bool]) -> None:
        self.renewals = renewals  # told how many seconds have passed; whether anybody is at work
        self.troubles: Counter[str] = Counter()  # that processes have had, for the report
        self.passed_us = 0
        self.wrong_us = 0  # how far the clock on the wall is ahead

    def now_us(self) -> int:
        return BEGIN_US + self.passed_us + self.wrong_us

    def steady_us(self) -> int:
        return self.passed_us

    def pass_s(self, seconds: float) -> None:
        while seconds > 0:
            part_s = min(seconds, RENEWAL_S) if self.renewals(0) else seconds
            self.passed_us += int(part_s * 1e6)
            self.renewals(part_s)
            seconds -= part_s

    def set(self, by_s: float) -> None:
        """Ahead or back by so many seconds; 0 puts it right. Never further off than eleven years."""
        wrong_us = self.wrong_us + int(by_s * 1e6) if by_s else 0
        self.wrong_us = max(-11 * YEAR_US, min(11 * YEAR_US, wrong_us))


class Waiting(threading.Event):
    """A process's signal to stop, whose waits take no time of ours."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        if not self.is_set():
            self.clock.pass_s(timeout or 0)
        return self.is_set()
