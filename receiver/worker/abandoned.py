"""Runs whose worker is gone are taken over: due again, whichever handler they belong to."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Sequence

from ..errors import StoreError
from ..inbox import CLOCK_SLACK_US, AbandonedRuns
from ..registry import Activation
from ..store import Database
from .leases import HARD_LIMIT_GRACE_S
from .remains import Remains

# Beyond a handler's time-out, before a run is taken over: its process is ended a second earlier. A worker that lost its
# lease in an outage of the database may be in a call until then.
GRACE_US = (HARD_LIMIT_GRACE_S + 1) * 1_000_000
# A process that ended by itself says so on its attempts once it is started again, so that a run that may end it once
# more is known. With a time-out as short as that the run was taken over before.
NOTED_US = 2_000_000
UNKNOWN_TIMEOUT_S = 20  # of a handler whose file is gone, at least


def slept_us() -> int:
    """How long this machine has slept since it was started, in microseconds; 0 where no clock tells."""
    boot = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return (time.clock_gettime_ns(boot) - time.monotonic_ns()) // 1000


class TakeOver:
    """A chore. It knows when the clock is set forward: the leases that end by that are renewed in a moment.

    So it is after the machine has slept: the workers could renew nothing meanwhile.
    """

    def __init__(
        self,
        db: Database,
        activations: Sequence[Activation],
        remains: Remains | None = None,
        now_us: Callable[[], int] | None = None,
        steady_us: Callable[[], int] = lambda: time.monotonic_ns() // 1000,
        slept_us: Callable[[], int] = slept_us,
        note_lost: Callable[[str, int], None] = lambda _handler, _runs: None,
    ) -> None:
        self.runs = AbandonedRuns(db)
        self.remains = remains
        self.note_lost = note_lost
        self.timeouts_s = {activation.handler.name: activation.handler.timeout_s for activation in activations}
        self.now_us = now_us or self.runs.now_us
        self.steady_us = steady_us
        self.slept_us = slept_us
        self.offset_us: int | None = None  # of the clock from the steady one, at the last look
        self.asleep_us = slept_us()  # by then
        with contextlib.suppress(StoreError):  # before the first look, as it may come only after a step
            self.offset_us = self.now_us() - self.steady_us()

    def __call__(self) -> str:
        """Look once. Raises StoreError."""
        running = self.runs.running()
        before_us, now_us = self.steady_us(), self.now_us()
        offset_us = now_us - (before_us + self.steady_us()) // 2
        asleep_us = self.slept_us()
        if self.offset_us is not None and offset_us - self.offset_us > CLOCK_SLACK_US:
            self.runs.step_forward(offset_us - self.offset_us, now_us, asleep_us - self.asleep_us)
        self.offset_us, self.asleep_us = offset_us, asleep_us
        taken = Counter(
            {
                handler: self.runs.take_over(handler, self.timeout_us(handler) + GRACE_US, now_us)
                for handler in {handler for handler, _ in running}
            }
        )
        if self.remains:
            taken += self.take_from_the_gone(running, self.remains)
        for handler, runs in (+taken).items():
            self.note_lost(handler, runs)
        if +taken:
            self.runs.db.nudge()
        return ""

    def take_from_the_gone(self, running: Sequence[tuple[str, str]], remains: Remains) -> Counter[str]:
        """At once what had not begun; the rest without the time that a process that lives has to end in."""
        taken: Counter[str] = Counter()
        for handler, owner in running:
            begun = remains.calls(owner)
            if begun is not None:
                taken[handler] += self.runs.take_from(owner, handler, begun, self.timeout_us(handler) + NOTED_US)
        remains.clear({owner for _, owner in running}, older_than_s=0)
        return taken

    def timeout_us(self, handler: str) -> int:
        return int(self.timeout_s(handler) * 1e6)

    def timeout_s(self, handler: str) -> float:
        """In seconds; of a handler whose file is gone the longest that any has."""
        return self.timeouts_s.get(handler) or max([UNKNOWN_TIMEOUT_S, *self.timeouts_s.values()])
