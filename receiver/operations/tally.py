"""How a day goes: its calls, what came of them, and what is usual."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from ..store import Database
from .selection import marks

WEEKS = 8  # of the same weekday, for what is usual
LEAST_WEEKS = 3  # else nothing is usual yet
DAYS = 14


@dataclass(frozen=True, kw_only=True)
class Tally:
    """`usual` is by this time of the day, None where there are too few weeks. `hours` and `usual_hours` have 24."""

    day: date
    calls: int
    booked: int
    transferred: int
    leads: int
    usual: float | None
    hours: tuple[int, ...]
    usual_hours: tuple[float, ...] | None
    days: tuple[tuple[date, int], ...]  # the last fourteen, this one at the end
    first: date | None  # of which there are calls


def tally(db: Database, zone: ZoneInfo, day: date, now_us: int, *, source: str = "") -> Tally:
    """Raises StoreError."""
    first = first_day(db, source)
    weeks = [day - timedelta(weeks=n) for n in range(1, WEEKS + 1)]
    known = [each for each in weeks if first and each >= first]
    is_usual = len(known) >= LEAST_WEEKS
    by_hour = hours_of(db, [day, *known], source)
    row = counts(db, day, source)
    return Tally(
        day=day,
        calls=row["calls"],
        booked=row["booked"],
        transferred=row["transferred"],
        leads=row["leads"],
        usual=usual_by_now(db, zone, known, now_us, day, source) if is_usual else None,
        hours=tuple(by_hour[day.isoformat()]),
        usual_hours=tuple(median(by_hour[each.isoformat()][hour] for each in known) for hour in range(24))
        if is_usual
        else None,
        days=last_days(db, day, source),
        first=first,
    )


def first_day(db: Database, source: str) -> date | None:
    rows = db.read("SELECT day FROM calls WHERE source = ? ORDER BY day LIMIT 1", (source,))
    return date.fromisoformat(rows[0]["day"]) if rows else None


def counts(db: Database, day: date, source: str) -> dict[str, int]:
    sql = (
        "SELECT count(*) AS calls, coalesce(sum(booked), 0) AS booked, coalesce(sum(transferred), 0) AS transferred, "
        "coalesce(sum(lead), 0) AS leads FROM calls WHERE source = ? AND day = ?"
    )
    return {name: int(value) for name, value in dict(db.read(sql, (source, day.isoformat()))[0]).items()}


def hours_of(db: Database, days: Sequence[date], source: str) -> dict[str, list[int]]:
    sql = f"SELECT day, hour, count(*) AS n FROM calls WHERE source = ? AND day IN ({marks(days)}) GROUP BY day, hour"
    by_day: dict[str, list[int]] = defaultdict(lambda: [0] * 24)
    for row in db.read(sql, (source, *(day.isoformat() for day in days))):
        by_day[row["day"]][row["hour"]] = row["n"]
    return by_day


def usual_by_now(db: Database, zone: ZoneInfo, days: Sequence[date], now_us: int, day: date, source: str) -> float:
    """The median of the same weekdays up to this minute; of a day that is over, of whole days."""
    now = datetime.fromtimestamp(now_us / 1e6, zone)
    clock = now.time() if now.date() == day else time.max
    sql = "SELECT count(*) AS n FROM calls WHERE source = ? AND at_us >= ? AND at_us < ?"
    bounds = [(microseconds(each, time.min, zone), microseconds(each, clock, zone)) for each in days]
    return median(float(db.read(sql, (source, *between))[0]["n"]) for between in bounds)


def microseconds(day: date, clock: time, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, clock, zone).timestamp() * 1e6)


def last_days(db: Database, day: date, source: str) -> tuple[tuple[date, int], ...]:
    first = day - timedelta(days=DAYS - 1)
    sql = "SELECT day, count(*) AS n FROM calls WHERE source = ? AND day >= ? AND day <= ? GROUP BY day"
    found = {row["day"]: row["n"] for row in db.read(sql, (source, first.isoformat(), day.isoformat()))}
    days = [first + timedelta(days=n) for n in range(DAYS)]
    return tuple((each, found.get(each.isoformat(), 0)) for each in days)


def bounds(zone: ZoneInfo, day: date) -> tuple[int, int]:
    """Where a day of the business begins and ends, in microseconds."""
    return microseconds(day, time.min, zone), microseconds(day + timedelta(days=1), time.min, zone)
