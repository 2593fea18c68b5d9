"""A day of a real business's calls, as data: who calls when, about what, and which deliveries come of it."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ..payloads import Payload
from .businesses import BUSINESSES, Business
from .callers import NUMBERS, Callers
from .calls import Call, deliveries
from .diary import Diary
from .kinds import KINDS

__all__ = ["BUSINESSES", "Business", "Planned", "day"]

SLOT_S = 1800  # the phone rings more or less often by the half hour
CLOSED_DAY = 6  # a day on which the business is closed has one call where another has six

# How often the phone rings at each hour of the day: many call when the doors open and after lunch, hardly any at night.
OPEN = (9, 9, 9, 9, 9, 9, 40, 80, 120, 140, 130, 110, 80, 80, 100, 110, 100, 80, 60, 50, 40, 30, 20, 10)
CLOSED = (1, 1, 1, 1, 1, 1, 3, 8, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 12, 8, 5, 3, 2)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A delivery, and the time (UTC) at which InboundFlow has something to deliver."""

    time: datetime
    payload: Payload


def day(rng: random.Random, business: Business, date: date, calls: int | None = None) -> list[Planned]:
    """What InboundFlow delivers for the calls that begin on `date`, local time, in order of time.

    The same seed, business and date make the same bytes, and the same seed and business the same organization_id,
    whatever the date. `calls` is how many there are; by default, what the business has on such a day.
    """
    seed = f"{rng.getrandbits(64)} {business.name}"
    count = usual(business, date) if calls is None else calls
    if count not in range(len(NUMBERS) + 1):
        raise ValueError(f"{count} calls a day cannot be played: 0 to {len(NUMBERS)}, as many as have a number each")
    organization = str(uuid.UUID(int=random.Random(seed).getrandbits(128), version=4))
    return planned(random.Random(f"{seed} {date}"), business, date, count, organization)


def usual(business: Business, date: date) -> int:
    return business.calls_a_day if date.weekday() in business.hours else business.calls_a_day // CLOSED_DAY


def planned(rng: random.Random, business: Business, date: date, calls: int, organization: str) -> list[Planned]:
    callers, diary = Callers(rng, business, calls), Diary(rng, business, date)
    plan: list[Planned] = []
    for start in starts(rng, business, date, calls):
        call = a_call(rng, business, start, callers)
        callers.remember(call.caller, call.ended)
        plan += [
            Planned(time=time, payload=payload)
            for time, payload in deliveries(rng, call, business, diary, organization)
        ]
    return sorted(plan, key=lambda delivery: delivery.time)


def starts(rng: random.Random, business: Business, date: date, calls: int) -> list[datetime]:
    """When the phone rings, in local time."""
    hours = [slot * SLOT_S / 3600 for slot in range(24 * 3600 // SLOT_S)]
    weights = [(OPEN if business.is_open(date, hour) else CLOSED)[int(hour)] for hour in hours]
    rings = rng.choices(hours, weights, k=calls)
    return [
        business.moment(date, second) for second in sorted(int(hour * 3600) + rng.randrange(SLOT_S) for hour in rings)
    ]


def a_call(rng: random.Random, business: Business, start: datetime, callers: Callers) -> Call:
    is_open = business.is_open(start.date(), start.hour + start.minute / 60)
    caller, is_first = callers.next(start)
    names = [name for name, kind in KINDS.items() if is_first or "lead.created" not in kind.events]
    weights = [KINDS[name].open if is_open else KINDS[name].closed for name in names]
    kind = rng.choices(names, weights)[0]
    seconds = rng.randint(*KINDS[kind].lasts_s)
    return Call(caller=caller, kind=kind, started=start.astimezone(UTC), seconds=seconds, is_open=is_open)
