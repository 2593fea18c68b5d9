"""When the last delivery came, and how many have come today: the first thing that anybody wants to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from ..locales import Locale, Text, Texts
from ..operations import (
    Finding,
    SourceSettings,
    advice,
    fine,
    last_delivery,
    midnight_us,
    path_of,
    read_day,
)
from ..store import Database

COUNTED = 10_000  # of more it is enough to know that
MINUTE_US = 60_000_000
# fmt: off
TEXTS = Texts({
    "last":    ("last delivery {age} ago, {n} today", "última entrega hace {age}, {n} hoy"),
    "over":    ("last delivery {age} ago, over {n} today", "última entrega hace {age}, más de {n} hoy"),
    "none":    ("no delivery has been received yet", "todavía no se recibió ninguna entrega"),
    "none_of": ("no delivery of this business has been received yet",
                "todavía no se recibió ninguna entrega de este negocio"),
    "none_yet_of": ("no delivery has been received yet for {n:business|businesses}: {names}",
                "todavía no se recibió ninguna entrega de {n:negocio|negocios}: {names}"),
    "none_yet_do": ("set in the InboundFlow of each the address that ends in {path} and its name",
                "pon en el InboundFlow de cada uno la dirección que termina en {path} y su nombre"),
    "none_do": ("set in its InboundFlow the address that ends in {path}",
                "pon en su InboundFlow la dirección que termina en {path}"),
    "minutes": ("{n} min", "{n} min"),
    "hours":   ("{n} h", "{n} h"),
    "days":    ("{n:day|days}", "{n:día|días}"),
})
# fmt: on
LAST = "SELECT coalesce(max(received_us), 0) AS us FROM deliveries WHERE received_us <= ?"
TODAY = "SELECT count(*) AS n FROM (SELECT 1 FROM deliveries WHERE received_us >= ? LIMIT ?) AS counted"
TODAY_OF_SOURCE = TODAY.replace("WHERE", "WHERE source = ? AND source <> '' AND")
SHOWN = 30  # sources; of more, `receiver sources list` and alerts tell


def check_arrivals(
    db: Database, locale: Locale, sources: SourceSettings, source: str | None = None
) -> Iterator[Finding]:
    """Of all together, by the day of the environment's business; then of each source, or this one, by its own.

    Raises StoreError.
    """
    now_us = db.now_us()
    last_us = db.read(LAST, (now_us,))[0]["us"]
    yield arrived(db, TODAY, (), last_us, now_us, locale.zone) if last_us else none_yet()
    names = [name for name in sources.named_on() if source in (None, name)]
    last = {name: delivery for name in names if (delivery := last_delivery(db, name))}
    for name in list(last)[:SHOWN]:
        yield arrived(db, TODAY_OF_SOURCE, (name,), last[name].received_us, now_us, sources.zone(name), name)
    yield from none_yet_of([name for name in names if name not in last])


def none_yet_of(names: Sequence[str]) -> Iterator[Finding]:
    """Several together."""
    if len(names) > 1:
        shown = ", ".join([*names[:SHOWN], *(["…"] if len(names) > SHOWN else [])])
        what = TEXTS("none_yet_of", n=len(names), names=shown)
        yield advice("deliveries", what, do=TEXTS("none_yet_do", path=f"{path_of('')}/"))
    for name in names if len(names) == 1 else ():
        yield advice("deliveries", TEXTS("none_of"), do=TEXTS("none_do", path=path_of(name)), source=name)


def arrived(
    db: Database, sql: str, names: Sequence[str], last_us: int, now_us: int, zone: tzinfo, source: str = ""
) -> Finding:
    midnight = midnight_us(read_day("today", now_us, zone), zone)
    number = db.read(sql, (*names, midnight, COUNTED + 1))[0]["n"]
    counted = TEXTS("last" if number <= COUNTED else "over", age=age(now_us - last_us), n=min(number, COUNTED))
    return fine("deliveries", counted, source=source)


def none_yet() -> Finding:
    return fine("deliveries", TEXTS("none"))


def age(us: int) -> Text:
    """In the largest unit of which there are two or more."""
    minutes = us // MINUTE_US
    if minutes < 120:
        return TEXTS("minutes", n=minutes)
    return TEXTS("hours", n=minutes // 60) if minutes < 48 * 60 else TEXTS("days", n=minutes // 1440)
