"""How InboundFlow's requests have fared: when the last delivery came, and what was refused, by reason and by hour."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ..errors import SignatureMismatch, TimestampInFuture, TimestampTooOld
from ..store import Database

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
HOURS = 24
SIGNED = frozenset(error.reason for error in (SignatureMismatch, TimestampTooOld, TimestampInFuture))

REFUSED = "SELECT minute, reason, count FROM rejection_counts WHERE source = ? AND minute > ? AND minute <= ?"
LAST = """
SELECT key, event, received_us FROM deliveries WHERE source = ? AND received_us <= ? ORDER BY received_us DESC LIMIT 1
"""
# So that the index of sources serves.
LAST_OF_SOURCE = LAST.replace("source = ?", "source = ? AND source <> ''")


@dataclass(frozen=True, kw_only=True)
class Refused:
    """In the last 24 hours, whole minutes; `by_hour` from the oldest hour to the present one."""

    by_reason: dict[str, int]
    by_hour: tuple[int, ...]
    last_us: int  # 0 where nothing was refused
    last_reason: str


@dataclass(frozen=True, kw_only=True)
class Received:
    key: str
    event: str
    received_us: int


def last_delivery(db: Database, source: str = "") -> Received | None:
    """None where none ever came; what a clock that was ahead has noted does not count. Raises StoreError."""
    rows = db.read(LAST_OF_SOURCE if source else LAST, (source, db.now_us()))
    return Received(**dict(rows[0])) if rows else None


def refused(db: Database, source: str = "") -> Refused:
    """Of this source. Raises StoreError."""
    now_us = db.now_us()
    rows = db.read(REFUSED, (source, (now_us - DAY_US) // MINUTE_US, now_us // MINUTE_US))
    by_reason: Counter[str] = Counter()
    by_hour = [0] * HOURS
    for row in rows:
        by_reason[row["reason"]] += int(row["count"])
        by_hour[HOURS - 1 - (now_us // MINUTE_US - row["minute"]) * MINUTE_US // HOUR_US] += int(row["count"])
    newest = max(rows, key=lambda row: row["minute"], default=None)
    return Refused(
        by_reason=dict(by_reason.most_common()),
        by_hour=tuple(by_hour),
        last_us=newest["minute"] * MINUTE_US if newest else 0,
        last_reason=newest["reason"] if newest else "",
    )


def kept_aside(db: Database, source: str = "") -> int:
    """How many refused requests look like InboundFlow's. Raises StoreError."""
    return int(db.read("SELECT count(*) AS n FROM pen WHERE source = ?", (source,))[0]["n"])
