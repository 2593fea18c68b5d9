"""From what a person asks for, in words, to a selection."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from ..errors import NotATime, NotFound
from ..locales import Locale, Texts, at
from ..store import Database
from .names import call_named, named_exactly
from .selection import Selection
from .subject import calls_from

SPAN_US = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "w": 604_800_000_000}
DAYS_AGO = {"today": 0, "hoy": 0, "yesterday": 1, "ayer": 1}
# fmt: off
TEXTS = Texts({
    "time": ("{text} is not a time: write today, yesterday, 2h, 3d, 2026-11-24 or 2026-11-24T09:30.",
             "{text} no es una hora: escribe hoy, ayer, 2h, 3d, 2026-11-24 o 2026-11-24T09:30."),
    "day":  ("{text} is not a day: write today, yesterday or 2026-11-24.",
             "{text} no es un día: escribe hoy, ayer o 2026-11-24."),
})
# fmt: on


def select(
    db: Database,
    *,
    names: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    source: str | None = None,
    state: str | None = None,
    call_id: str = "",
    caller: str | None = None,
    zone: tzinfo = UTC,
    **criteria: Any,
) -> Selection:
    """A selection of the deliveries of these names, of the call whose id is `call_id` or begins so, of times in a zone,
    and of these `criteria`, fields of its own.

    Raises NotATime, NotFound, Ambiguous, OperationError where a caller is no number, StoreError.
    """
    now_us = db.now_us()
    return Selection(
        since_us=time_us(since, now_us, zone) if since else None,
        until_us=time_us(until, now_us, zone) if until else None,
        source=source,
        state=state or "",
        call_id=call_id and (call_named(db, call_id, source=source) or call_id),
        ids=meant(db, names, caller, source),
        **criteria,
    )


def meant(db: Database, names: Sequence[str], caller: str | None, source: str | None) -> tuple[int, ...]:
    """The deliveries of these names; where a caller is given too, those of them that are of their calls."""
    named = named_exactly(db, names, source=source)
    if caller is None:
        return named
    theirs = calls_from(db, caller, source)
    found = tuple(delivery for delivery in theirs if delivery in named) if names else theirs
    if not found:
        raise NotFound("There is no call from that number.")
    return found


def time_us(text: str, now_us: int, zone: tzinfo = UTC) -> int:
    """A span back from now, the beginning of a day, or a moment in ISO 8601; in this zone where it names none.

    Raises NotATime.
    """
    word = text.strip().lower()
    if span := re.fullmatch(r"(\d{1,6})([smhdw])", word):
        return now_us - int(span[1]) * SPAN_US[span[2]]
    if word in DAYS_AGO:
        return midnight_us(read_day(word, now_us, zone), zone)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise NotATime(TEXTS("time", text=text)) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1e6)


def read_day(text: str, now_us: int, zone: tzinfo) -> date:
    """A day in this zone. Raises NotATime."""
    word = text.strip().lower()
    if word in DAYS_AGO:
        return at(now_us, Locale(zone=zone)).date() - timedelta(DAYS_AGO[word])
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise NotATime(TEXTS("day", text=text)) from None


def midnight_us(day: date, zone: tzinfo) -> int:
    """When a day begins."""
    return int(datetime.combine(day, time.min, zone).timestamp()) * 1_000_000
