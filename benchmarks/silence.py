"""How often the silence detector is wrong, and how soon it is right, for businesses of several kinds."""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from receiver.operations.usual import LOOKED_BACK, QUARTER_US, Calls, silent

ZONE = ZoneInfo("Europe/Madrid")  # its clocks are changed in March and in October
FIRST, DAYS = date(2026, 1, 5), 364
LEARNING_DAYS = 56
LOOK_US = QUARTER_US
OUTAGES = 12  # of each business and seed
GIVEN_UP_US = 14 * 86_400_000_000
HOLIDAYS = ("01-06", "05-01", "10-12", "12-08", "12-25")
SLOW_DAYS = 12  # the gamma shape of a day's own rate


@dataclass(frozen=True, kw_only=True)
class Business:
    """`rate` gives the calls an hour at a local time."""

    name: str
    rate: Callable[[datetime], float]
    days: int = DAYS
    on_holidays: float = 1.0  # of the usual calls that come then
    closed_on: Sequence[str] = field(default=())
    learning_days: int = LEARNING_DAYS


def hours(*spans: tuple[float, float, float], days: str = "01234") -> Callable[[datetime], float]:
    """Calls an hour between two hours of the day, on these weekdays (0 is Monday)."""

    def rate(at: datetime) -> float:
        if str(at.weekday()) not in days:
            return 0.02
        return next((calls for begin, end, calls in spans if begin <= at.hour + at.minute / 60 < end), 0.05)

    return rate


def day_and_night(at: datetime) -> float:
    return 2.5 if 7 <= at.hour < 22 else 0.6


DENTAL = hours((9, 13, 2.6), (13, 15, 0.3), (15, 19, 2.0))
RESTAURANT = hours((11, 15, 6), (15, 18, 1), (18, 23, 9), days="123456")
LAWYER = hours((9, 14, 0.25), (16, 19, 0.25))
BUSINESSES = (
    Business(name="dental practice: lunch break, weekends", rate=DENTAL),
    Business(name="the same, with 5 holidays on which 1 call in 10 comes", rate=DENTAL, on_holidays=0.1),
    Business(name="the same, with these days in BUSINESS_CLOSED_ON", rate=DENTAL, on_holidays=0.1, closed_on=HOLIDAYS),
    Business(name="restaurant: closed on Mondays", rate=RESTAURANT),
    Business(name="plumber: day and night", rate=day_and_night),
    Business(name="lawyer: 2 calls a day", rate=LAWYER),
    Business(name="call centre: 60 an hour", rate=hours((8, 20, 60), days="0123456")),
    Business(name="new dental practice: its first 3 weeks", rate=DENTAL, days=21, learning_days=0),
)


@dataclass(frozen=True, kw_only=True)
class Result:
    name: str
    false_alarms: int
    months: float
    delays_h: Sequence[float]
    lost: Sequence[int]  # calls of each outage until it was noticed
    missed: int  # outages that were not noticed within two weeks

    def row(self) -> str:
        shown = sorted(self.delays_h)
        alarms = f"{self.false_alarms / self.months:.2f} ({self.false_alarms} in {self.months:.0f})"
        delays = f"{statistics.median(shown):.1f} | {shown[len(shown) * 9 // 10]:.1f}"
        lost = f"{statistics.median(self.lost):.0f}"
        return f"| {self.name} | {alarms} | {delays} | {lost} | {self.missed} of {self.missed + len(shown)} |"


HEAD = (
    "| business | false alarms a month | outage noticed after h, median | 9 of 10 within h | calls until then, median "
    "| not within 2 weeks |\n| --- | ---: | ---: | ---: | ---: | ---: |"
)


def main() -> int:
    options = arguments()
    print(HEAD)
    for business in BUSINESSES:
        if options.only in business.name:
            print(result(business, range(1, options.seeds + 1)).row(), flush=True)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.silence", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="years of each business: seeds 1 to this (default: 5)")
    parser.add_argument("--only", default="", metavar="TEXT", help="businesses with this in their name")
    return parser.parse_args()


def result(business: Business, seeds: Sequence[int]) -> Result:
    alarms, days, missed = 0, 0, 0
    delays: list[float] = []
    lost: list[int] = []
    for seed in seeds:
        chance = random.Random(seed)
        arrivals = list(calls(chance, business))
        alarms += sum(alarms_in(business, arrivals))
        days += business.days - business.learning_days
        for begin_us, delay_us in outages(chance, business, arrivals):
            missed += delay_us is None
            if delay_us is not None:
                delays.append(delay_us / 3.6e9)
                lost.append(sum(begin_us < at <= begin_us + delay_us for at in arrivals))
    return Result(
        name=business.name, false_alarms=alarms, months=days / 30.4, delays_h=delays, lost=lost, missed=missed
    )


def calls(chance: random.Random, business: Business) -> Iterator[int]:
    """When each comes, in microseconds: by chance within each quarter of an hour."""
    for number in range(business.days):
        day = FIRST + timedelta(number)
        factor = chance.gammavariate(SLOW_DAYS, 1 / SLOW_DAYS)
        factor *= business.on_holidays if f"{day:%m-%d}" in HOLIDAYS else 1
        midnight = us(datetime.combine(day, time(), ZONE))
        for begin_us in range(midnight, us(datetime.combine(day + timedelta(1), time(), ZONE)), QUARTER_US):
            rate = business.rate(datetime.fromtimestamp(begin_us / 1e6, ZONE)) * factor / 4
            offset = chance.expovariate(rate)
            while offset < 1:
                yield begin_us + int(offset * QUARTER_US)
                offset += chance.expovariate(rate)


def us(at: datetime) -> int:
    return int(at.timestamp() * 1e6)


def learned(business: Business, arrivals: Sequence[int], number: int) -> Calls:
    """What is known when the call of this number is the last."""
    oldest = arrivals[number] - LOOKED_BACK * 7 * 86_400_000_000
    quarters = [at // QUARTER_US for at in arrivals[: number + 1] if at >= oldest]
    return Calls(quarters=quarters, zone=ZONE, closed_on=business.closed_on)


def alarms_in(business: Business, arrivals: Sequence[int]) -> Iterator[bool]:
    """Of each gap between two calls, whether an alarm was raised in it; those that could be none are not looked at."""
    begin_us = us(datetime.combine(FIRST + timedelta(business.learning_days), time(), ZONE))
    for number, (last_us, next_us) in enumerate(pairwise(arrivals)):
        if last_us >= begin_us and next_us - last_us > 2 * LOOK_US:
            yield noticed(business, arrivals, number, next_us) is not None


def noticed(business: Business, arrivals: Sequence[int], number: int, until_us: int) -> int | None:
    """How long after the last call the alarm is raised; None where it is not until then."""
    known, last_us = learned(business, arrivals, number), arrivals[number]
    moments = range(last_us + LOOK_US, until_us, LOOK_US)
    return next((now_us - last_us for now_us in moments if silent(known, last_us, now_us)), None)


def outages(chance: random.Random, business: Business, arrivals: Sequence[int]) -> Iterator[tuple[int, int | None]]:
    """Outages that begin at any time, and how long after their beginning the alarm is raised."""
    first_us = us(datetime.combine(FIRST + timedelta(business.learning_days or 7), time(), ZONE))
    for _ in range(OUTAGES):
        outage_us = chance.randrange(first_us, arrivals[-1])
        number = sum(at <= outage_us for at in arrivals) - 1
        delay_us = noticed(business, arrivals, number, outage_us + GIVEN_UP_US)
        yield outage_us, None if delay_us is None else max(0, delay_us - (outage_us - arrivals[number]))


if __name__ == "__main__":
    sys.exit(main())
