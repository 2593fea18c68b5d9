"""When an attempt must have ended: the worker sets it around the handler's call, and the toolkit keeps to it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends: ContextVar[float] = ContextVar("ends", default=math.inf)  # a thread has a context of its own


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """A context in which looking up, connecting, reading and writing end after so many seconds, all taken together.

    One inside another ends no later than that.
    """
    token = _ends.set(min(_ends.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _ends.reset(token)


def left_s() -> float:
    """Seconds until the nearest deadline, below zero once it is past; infinite where there is none."""
    return _ends.get() - time.monotonic()
