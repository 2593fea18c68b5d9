"""How many calls usually come in a time like this one: the rule by which a silence is told from a quiet hour.

What is usual is what came in the same hours of the same weekdays, by the business's clock, in the weeks before: nights,
lunch breaks and weekends count for nothing by that, and one odd week moves a median little.
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

QUARTER_US = 900_000_000
DAY_US = 86_400_000_000
WEEK_US = 7 * DAY_US
WEEKS, LEAST_WEEKS = 8, 3  # that are compared: fewer say little, and a business changes over more
LOOKED_BACK = WEEKS + 2  # weeks; those in which it is silent already are left out
LEAST_CALLS = 4  # that usually come: less is a quiet hour, whatever the formula says
FALSE_A_MONTH = 0.25  # alarms that chance alone may raise in a month, by the formula; benchmarks/silence.py counts them
MONTH_WEEKS = 4.35
SLOW_DAYS = 12  # the gamma shape of how much slower or busier than usual a day is by itself: by 29 % on average
# A business too new for that: three days without a call are longer than a weekend, and twice what ever was.
NEW_CALLS, NEW_US, NEW_TIMES = 20, 3 * DAY_US, 2


@dataclass(frozen=True, kw_only=True)
class Calls:
    """The calls of a source in the last weeks, by the quarter of an hour (since 1970) in which each came, in order."""

    quarters: Sequence[int]
    zone: ZoneInfo
    closed_on: Collection[str] = ()  # days such as 12-25, or 2026-12-24

    def between(self, begin_us: int, end_us: int) -> int:
        """Those in the whole quarters between: half of one that is counted whole would make a silence of 8 pm."""
        begin, end = -(-begin_us // QUARTER_US), end_us // QUARTER_US
        return max(0, bisect_left(self.quarters, end) - bisect_left(self.quarters, begin))

    @property
    def first_us(self) -> int:
        return self.quarters[0] * QUARTER_US


def silent(calls: Calls, last_us: int, now_us: int) -> int:
    """How many calls usually come between the last sign of InboundFlow and now; 0 where that is no silence yet."""
    if not calls.quarters or last_us >= now_us:
        return 0
    weeks = counts(calls, last_us, now_us)
    if len(weeks) < LEAST_WEEKS:
        return new_and_silent(calls, last_us, now_us)
    usual = statistics.median_low(weeks)
    return usual if usual >= LEAST_CALLS and surprise(usual) >= threshold(calls, now_us) else 0


def counts(calls: Calls, last_us: int, now_us: int) -> list[int]:
    """The calls in the same time of each of the weeks before it."""
    spans = list(open_spans(calls, max(last_us, now_us - WEEK_US), now_us))
    weeks = []
    for number in range(1, LOOKED_BACK + 1):
        shifted = [(weeks_before(begin, number), weeks_before(end, number)) for begin, end in spans]
        if not shifted or shifted[0][0].timestamp() * 1e6 < calls.first_us:
            break
        if shifted[-1][1].timestamp() * 1e6 <= last_us + QUARTER_US:
            weeks.append(sum(calls.between(us(begin), us(end)) for begin, end in shifted))
    return weeks[:WEEKS]


def open_spans(calls: Calls, begin_us: int, end_us: int) -> Iterator[tuple[datetime, datetime]]:
    """This time by the business's clock, without the days on which it is closed."""
    begin, end = (datetime.fromtimestamp(moment / 1e6, calls.zone) for moment in (begin_us, end_us))
    day = begin.date()
    while day <= end.date():
        midnights = [datetime.combine(day + timedelta(number), time(), calls.zone) for number in (0, 1)]
        span = max(begin, midnights[0]), min(end, midnights[1])
        if span[0] < span[1] and not is_closed(calls, day):
            yield span
        day += timedelta(1)


def is_closed(calls: Calls, day: date) -> bool:
    return day.isoformat() in calls.closed_on or f"{day:%m-%d}" in calls.closed_on


def weeks_before(moment: datetime, weeks: int) -> datetime:
    """At the same time on the clock, whatever was done to the clocks since."""
    return moment - timedelta(weeks=weeks)


def us(moment: datetime) -> int:
    return int(moment.timestamp() * 1e6)


def surprise(usual: float) -> float:
    """-ln of the probability that no call comes where so many do usually.

    Calls come by chance (Poisson), at a rate that is itself by chance higher or lower each day (gamma).
    """
    return SLOW_DAYS * math.log1p(usual / SLOW_DAYS)


def threshold(calls: Calls, now_us: int) -> float:
    """Each call is followed by a silence, short or long: with more calls, more of them are long by chance."""
    since_us = max(calls.first_us, now_us - WEEKS * WEEK_US)
    weeks = max(1.0, (now_us - since_us) / WEEK_US)
    return math.log(max(1.0, calls.between(since_us, now_us) / weeks * MONTH_WEEKS / FALSE_A_MONTH))


def new_and_silent(calls: Calls, last_us: int, now_us: int) -> int:
    """By the longest time without a call so far; what usually comes in as long is then the average."""
    gaps = [later - sooner for sooner, later in pairwise(calls.quarters)]
    silent_us = now_us - last_us
    if len(calls.quarters) < NEW_CALLS or silent_us < max(NEW_US, NEW_TIMES * max(gaps) * QUARTER_US):
        return 0
    return round(len(calls.quarters) * silent_us / max(DAY_US, last_us - calls.first_us))
