"""The business's diary. An appointment takes a slot, which is then given to no other."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from .businesses import Business

NEAR = 40  # people take one of the next so many free slots: a few days ahead


class Diary:
    """The free slots of the days after `today`."""

    def __init__(self, rng: random.Random, business: Business, today: date) -> None:
        self.rng = rng
        self.later = slots(business, today)
        self.near = list(islice(self.later, NEAR))

    def book(self) -> datetime:
        self.near.append(next(self.later))
        return self.near.pop(self.rng.randrange(NEAR))


def slots(business: Business, today: date) -> Iterator[datetime]:
    """Every slot after today, in UTC, one after the other while the business is open."""
    day, visit_s = today, business.visit_min * 60
    while True:
        day += timedelta(days=1)
        opens, closes = business.hours.get(day.weekday(), (0, 0))
        for second in range(int(opens * 3600), int(closes * 3600) - visit_s + 1, visit_s):
            yield business.moment(day, second).astimezone(UTC)
