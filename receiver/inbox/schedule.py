"""The schedule on which a run that failed is attempted again."""

from __future__ import annotations

import random

# About a day in all; then a person must look.
BACKOFF_S = (5, 30, 120, 600, 1_800, 7_200, 21_600, 54_000)
JITTER = 0.2  # so that what failed together does not come back together


def backoff_s(failures: int) -> float | None:
    """Seconds until the next attempt of a run that had failed so many times before; None after the last."""
    if failures >= len(BACKOFF_S):
        return None
    return BACKOFF_S[failures] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (no secret)
