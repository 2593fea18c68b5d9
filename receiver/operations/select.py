"""From what a person asks for, in words, to a selection."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ..errors import NotATime, NotFound
from ..store import Database
from .names import named_exactly
from .selection import Selection
from .subject import calls_from

SPAN_US = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "w": 604_800_000_000}


def select(
    db: Database,
    *,
    names: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    source: str | None = None,
    state: str | None = None,
    caller: str | None = None,
    **criteria: Any,
) -> Selection:
    """A selection of the deliveries of these names, or times, and of these `criteria`, which are fields of its own.

    Raises NotATime, NotFound, Ambiguous, OperationError where a caller is no number, StoreError.
    """
    now_us = db.now_us()
    return Selection(
        since_us=time_us(since, now_us) if since else None,
        until_us=time_us(until, now_us) if until else None,
        source=source,
        state=state or "",
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


def time_us(text: str, now_us: int) -> int:
    """A span back from now, or a moment in ISO 8601, which is in UTC where it does not say. Raises NotATime."""
    if span := re.fullmatch(r"(\d{1,6})([smhdw])", text.strip()):
        return now_us - int(span[1]) * SPAN_US[span[2]]
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        raise NotATime(f"{text} is not a time: write 2h, 3d, 2026-11-24 or 2026-11-24T09:30Z.") from None
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1e6)
