"""The line of the day, each evening where it is wanted: counts alone, in the business's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from functools import partial

from ..registry import DAILY_AT, Notice, last_end_us
from ..settings import Settings
from ..store import Database, Transaction
from .alert_texts import counted, title
from .businesses import path_of
from .day_counts import DayCounts, day_counts, together
from .outbox import put
from .silence import zone_of

FACT = "line of the day"  # the last time of day for which it was made
LINES = 30  # of businesses
LATE_US = 4 * 3_600_000_000  # after its time nobody calls it today any more

BEGIN = "INSERT INTO facts (name, value, noted_us) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING"
MOVE_ON = "UPDATE facts SET value = ?, noted_us = ? WHERE name = ? AND value = ?"


def tell_the_day(db: Database, settings: Settings, channels: Sequence[str]) -> str:
    """A chore: once a day, after the time that is set. Raises StoreError."""
    if not settings.alert_daily_at or not channels:
        return ""
    now_us = db.now_us()
    end_us = last_end_us({DAILY_AT: settings.alert_daily_at, "BUSINESS_TIMEZONE": zone_of(settings).key}, now_us)
    rows = db.read("SELECT value FROM facts WHERE name = ?", (FACT,))
    before = str(rows[0]["value"]) if rows else ""
    if not before:
        db.commit(lambda tx: tx.execute(BEGIN, (FACT, str(end_us), now_us)))
    elif before != str(end_us):
        is_late = now_us - end_us > LATE_US
        made = None if is_late else line_of_the_day(db, settings, end_us)
        db.commit(partial(move_on, made=made, channels=channels, before=before, end_us=end_us, now_us=now_us))
    return ""


def line_of_the_day(db: Database, settings: Settings, end_us: int) -> Notice:
    """Of all businesses together; where there are several, a line of each below."""
    by_source = day_counts(db, midnight_us(settings, end_us), end_us)
    counts = together(by_source.values())
    return Notice(
        key=f"day-{end_us:x}",
        kind="daily",
        title=sentence(counts, settings.language),
        lines=tuple(lines_of(by_source, settings)) if any(by_source) else (),
        language=settings.language,
        at_us=end_us,
        items=({"state": "daily", **vars(counts)},),
    )


def lines_of(by_source: Mapping[str, DayCounts], settings: Settings) -> Iterator[str]:
    """Those with the most calls first."""
    ordered = sorted(by_source.items(), key=lambda item: -item[1].calls)
    for source, counts in ordered[:LINES]:
        name = source or settings.business or path_of("")
        said = ", ".join(parts(counts, settings.language))
        yield title("of_business", settings.language, source=name, parts=said)
    if len(ordered) > LINES:
        yield title("more_businesses", settings.language, n=len(ordered) - LINES)


def midnight_us(settings: Settings, end_us: int) -> int:
    zone = zone_of(settings)
    day = datetime.fromtimestamp(end_us / 1e6, zone).date()
    return int(datetime.combine(day, time(), zone).timestamp() * 1e6)


def move_on(
    tx: Transaction, *, made: Notice | None, channels: Sequence[str], before: str, end_us: int, now_us: int
) -> None:
    """Two at once cannot both do it: the fact has changed for the second."""
    if tx.execute(MOVE_ON, (str(end_us), now_us, FACT, before)).rowcount and made:
        put(tx, made, channels, now_us)


def sentence(counts: DayCounts, language: str) -> str:
    """What there is none of is left out, but for calls that did not arrive."""
    if not counts.calls:
        return title("no_calls", language)
    return title("today", language, parts=", ".join(parts(counts, language)))


def parts(counts: DayCounts, language: str) -> Iterator[str]:
    yield counted("calls", language, counts.calls)
    for name, number in counts.arrived.items():
        yield counted("in", language, number, place=name)
    if counts.urgent:
        yield counted("urgent", language, counts.urgent)
    if counts.to_call_back:
        yield counted("callbacks", language, counts.to_call_back)
