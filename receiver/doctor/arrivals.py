"""When the last delivery came, and how many have come today: the first thing that anybody wants to know."""

from __future__ import annotations

from collections.abc import Iterator

from ..locales import Locale, Text, Texts
from ..operations import Finding, fine, midnight_us, read_day
from ..store import Database

COUNTED = 10_000  # of more it is enough to know that
MINUTE_US = 60_000_000
# fmt: off
TEXTS = Texts({
    "last":    ("last delivery {age} ago, {n} today", "última entrega hace {age}, {n} hoy"),
    "over":    ("last delivery {age} ago, over {n} today", "última entrega hace {age}, más de {n} hoy"),
    "none":    ("no delivery has been received yet", "todavía no se recibió ninguna entrega"),
    "minutes": ("{n} min", "{n} min"),
    "hours":   ("{n} h", "{n} h"),
    "days":    ("{n:day|days}", "{n:día|días}"),
})
# fmt: on
LAST = "SELECT coalesce(max(received_us), 0) AS us FROM deliveries WHERE received_us <= ?"
TODAY = "SELECT count(*) AS n FROM (SELECT 1 FROM deliveries WHERE received_us >= ? LIMIT ?) AS counted"


def check_arrivals(db: Database, locale: Locale) -> Iterator[Finding]:
    """Days are the business's. Raises StoreError."""
    now_us = db.now_us()
    last_us = db.read(LAST, (now_us,))[0]["us"]
    if not last_us:
        yield none_yet()
        return
    midnight = midnight_us(read_day("today", now_us, locale.zone), locale.zone)
    number = db.read(TODAY, (midnight, COUNTED + 1))[0]["n"]
    counted = TEXTS("last" if number <= COUNTED else "over", age=age(now_us - last_us), n=min(number, COUNTED))
    yield fine("deliveries", counted)


def none_yet() -> Finding:
    return fine("deliveries", TEXTS("none"))


def age(us: int) -> Text:
    """In the largest unit of which there are two or more."""
    minutes = us // MINUTE_US
    if minutes < 120:
        return TEXTS("minutes", n=minutes)
    return TEXTS("hours", n=minutes // 60) if minutes < 48 * 60 else TEXTS("days", n=minutes // 1440)
