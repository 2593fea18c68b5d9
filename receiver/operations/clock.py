"""What is odd about the clock, in sentences: whether it was ahead, was set forward, or differs from the database's."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from ..errors import StoreError
from ..inbox import CLOCK_FACT, FORWARD_FACT
from ..locales import Text, Texts, joined, stamp
from ..store import Database

UNITS = ((365 * 86_400, "years"), (86_400, "days"), (3600, "h"), (60, "min"), (1, "s"))
DIFFERS_S = 30  # a tenth of what a signature's timestamp may differ by
# fmt: off
TEXTS = Texts({
    "keep_time":  ("see that the time is kept: timedatectl says whether it is (with Postgres, that of its server "
                   "counts)",
                   "procura que la hora sea exacta: timedatectl dice si lo es (con Postgres cuenta la de su servidor)"),
    CLOCK_FACT:   ("it was ahead by {span}, until {at}; what waited for that time was brought back",
                   "estuvo {span} adelantado, hasta {at}; lo que esperaba esa hora se adelantó"),
    FORWARD_FACT: ("it was set forward by {span} at {at}; what waited for a time in between became due",
                   "se adelantó {span} a las {at}; lo que esperaba una hora intermedia quedó pendiente"),
    "ahead":      ("this machine is {span} ahead of the database's",
                   "este equipo va {span} por delante de la base de datos"),
    "behind":     ("this machine is {span} behind the database's",
                   "este equipo va {span} por detrás de la base de datos"),
    "and":        ("; and ", "; y "),
    "years":      ("{n} years", "{n} años"),
    "days":       ("{n} days", "{n} días"),
    "h":          ("{n} h", "{n} h"),
    "min":        ("{n} min", "{n} min"),
    "s":          ("{n} s", "{n} s"),
})
# fmt: on
KEEP_TIME = TEXTS("keep_time")


def clock_oddities(db: Database, within_s: float) -> str:
    """What happened to the clock less than `within_s` seconds ago, and how it stands now; "" when all is well."""
    with contextlib.suppress(StoreError):  # the probe reports it
        return joined(TEXTS("and"), [*changes(db, within_s), *difference(db)])
    return ""


def changes(db: Database, within_s: float) -> Iterator[Text]:
    """The leading worker has noted them. Raises StoreError."""
    for fact in (CLOCK_FACT, FORWARD_FACT):
        for row in db.read("SELECT value, noted_us FROM facts WHERE name = ?", (fact,)):
            if abs(db.now_us() - row["noted_us"]) < within_s * 1e6:
                yield TEXTS(fact, span=span(round(int(row["value"]) / 1e6)), at=stamp(row["noted_us"]))


def difference(db: Database) -> Iterator[Text]:
    """Between the clock of this machine, which signatures are checked by, and the one that runs go by."""
    ahead_s = time.time() - db.now_us() / 1e6
    if abs(ahead_s) > DIFFERS_S:
        yield TEXTS("ahead" if ahead_s > 0 else "behind", span=span(round(abs(ahead_s))))


def span(seconds: int) -> Text:
    """In the largest unit of which there are two or more."""
    length, unit = next(((length, unit) for length, unit in UNITS if seconds >= 2 * length), UNITS[-1])
    return TEXTS(unit, n=round(seconds / length))
