"""What is odd about the clock, in sentences: whether it was ahead, was set forward, or differs from the database's."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from ..errors import StoreError
from ..inbox import CLOCK_FACT, FORWARD_FACT
from ..store import Database
from .text import moment

UNITS = ((365 * 86_400, "years"), (86_400, "days"), (3600, "h"), (60, "min"), (1, "s"))
KEEP_TIME = "see that the time is kept: timedatectl says whether it is (with Postgres, that of its server counts)"
DIFFERS_S = 30  # a tenth of what a signature's timestamp may differ by
CHANGES = (
    (CLOCK_FACT, "it was ahead by {span}, until {moment} UTC; what waited for that time was brought back"),
    (FORWARD_FACT, "it was set forward by {span} at {moment} UTC; what waited for a time in between became due"),
)


def clock_oddities(db: Database, within_s: float) -> str:
    """What happened to the clock less than `within_s` seconds ago, and how it stands now; "" when all is well."""
    with contextlib.suppress(StoreError):  # the probe reports it
        return "; and ".join([*changes(db, within_s), *difference(db)])
    return ""


def changes(db: Database, within_s: float) -> Iterator[str]:
    """The leading worker has noted them. Raises StoreError."""
    for fact, sentence in CHANGES:
        for row in db.read("SELECT value, noted_us FROM facts WHERE name = ?", (fact,)):
            if abs(db.now_us() - row["noted_us"]) < within_s * 1e6:
                yield sentence.format(span=span(round(int(row["value"]) / 1e6)), moment=moment(row["noted_us"]))


def difference(db: Database) -> Iterator[str]:
    """Between the clock of this machine, which signatures are checked by, and the one that runs go by."""
    ahead_s = time.time() - db.now_us() / 1e6
    if abs(ahead_s) > DIFFERS_S:
        yield f"this machine is {span(round(abs(ahead_s)))} {'ahead of' if ahead_s > 0 else 'behind'} the database's"


def span(seconds: int) -> str:
    """In the largest unit of which there are two or more."""
    length, unit = next(((length, unit) for length, unit in UNITS if seconds >= 2 * length), UNITS[-1])
    return f"{round(seconds / length)} {unit}"
