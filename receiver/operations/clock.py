"""Whether the clock was ahead lately: what waited for such a time was brought back by the worker that leads."""

from __future__ import annotations

import contextlib

from ..errors import StoreError
from ..inbox import CLOCK_FACT
from ..store import Database
from .text import moment

UNITS = ((365 * 86_400, "years"), (86_400, "days"), (3600, "h"), (60, "min"), (1, "s"))
KEEP_TIME = "see that the time is kept: timedatectl says whether it is (with Postgres, that of its server counts)"


def clock_was_ahead(db: Database, within_s: float) -> str:
    """By how much the clock was ahead and until when, where that is less than `within_s` seconds ago; else ""."""
    with contextlib.suppress(StoreError):  # the probe reports it
        for row in db.read("SELECT value, noted_us FROM facts WHERE name = ?", (CLOCK_FACT,)):
            if abs(db.now_us() - row["noted_us"]) < within_s * 1e6:
                return f"it was ahead by {span(round(int(row['value']) / 1e6))}, until {moment(row['noted_us'])} UTC"
    return ""


def span(seconds: int) -> str:
    """In the largest unit of which there are two or more."""
    length, unit = next(((length, unit) for length, unit in UNITS if seconds >= 2 * length), UNITS[-1])
    return f"{round(seconds / length)} {unit}"
