"""One deadline for a whole request, and for a whole attempt: httpx bounds each read and write, and a destination can
drip, or take its time over each of several requests.
"""

from __future__ import annotations

import math

from ..errors import RetryLater
from ..registry import left_s, within

__all__ = ["remaining_s", "time_left_s", "within"]


def time_left_s(at_most_s: float) -> float:
    """The time-out in seconds for a request through another client: `at_most_s`, or what is left of the attempt.

    Raises RetryLater where nothing is left: begin no other request.
    """
    remaining = left_s()
    if remaining <= 0:
        raise RetryLater("the time for the attempt was used up before its last request", failure="timeout")
    return min(at_most_s, remaining)


def remaining_s(timeout_s: float | None, late: type[Exception]) -> float | None:
    """A single step's time-out in seconds, cut to what is left of the deadline. Raises `late` where nothing is."""
    remaining = left_s()
    if remaining <= 0:
        raise late("the deadline for the whole request is past")
    return min(remaining, math.inf if timeout_s is None else timeout_s) if math.isfinite(remaining) else timeout_s
