"""One deadline for a whole request: httpx bounds each read and write, and a destination can drip."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends: ContextVar[float] = ContextVar("ends", default=math.inf)  # a thread has a context of its own


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """A context in which looking up, connecting, reading and writing end after so many seconds, all taken together."""
    token = _ends.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def remaining_s(timeout_s: float | None, late: type[Exception]) -> float | None:
    """A single step's time-out in seconds, cut to what is left of the deadline. Raises `late` where nothing is."""
    left_s = _ends.get() - time.monotonic()
    if left_s <= 0:
        raise late("the deadline for the whole request is past")
    return min(left_s, math.inf if timeout_s is None else timeout_s) if math.isfinite(left_s) else timeout_s
