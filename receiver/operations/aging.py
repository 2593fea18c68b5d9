"""Whether the clock may be believed where something is deleted for its age: a clock put right brings nothing back."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..store import Database

DAY_US = 86_400_000_000
STEP_US = 3_600_000_000  # by so much more than the time that passed, the clock was set forward, or the machine slept

# A delivery is received only where the clock agrees with the sender's. With what a clock that was ahead has received
# nothing agrees.
RECEIVED = "SELECT max(received_us) AS us FROM deliveries WHERE received_us <= ?"


class Aging:
    """A clock is believed where a delivery came within a day before, or once it has gone on for a day unset."""

    def __init__(
        self,
        db: Database,
        now_us: Callable[[], int] | None = None,
        steady_us: Callable[[], int] = lambda: time.monotonic_ns() // 1000,
    ) -> None:
        self.db = db
        self.now_us = now_us or db.now_us
        self.steady_us = steady_us
        self.begin()

    def begin(self) -> None:
        self.began_us = self.steady_us()
        self.offset_us = self.now_us() - self.began_us

    def is_believed(self) -> bool:
        """Raises StoreError."""
        now_us, steady_us = self.now_us(), self.steady_us()
        if now_us - steady_us - self.offset_us > STEP_US:
            self.begin()
        received_us = self.db.read(RECEIVED, (now_us,))[0]["us"] or 0
        return now_us - received_us < DAY_US or self.steady_us() - self.began_us >= DAY_US
