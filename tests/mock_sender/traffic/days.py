"""Days of every business, as the bodies that are delivered."""

import json
import random
from collections import defaultdict
from datetime import date, datetime

import pytest

from mock_sender.traffic import BUSINESSES, day

TUESDAY, SATURDAY, SUNDAY = date(2026, 2, 24), date(2026, 2, 28), date(2026, 3, 1)
CLOCKS_GO_FORWARD, CLOCKS_GO_BACK = date(2026, 3, 8), date(2026, 11, 1)
SEEDS = range(12)

every_business = pytest.mark.parametrize("business", BUSINESSES.values(), ids=lambda business: business.name)


def played(business, on=TUESDAY, calls=None, seed=1):
    """The bodies, in the order in which they are delivered."""
    return [json.loads(one.payload.body) for one in day(random.Random(seed), business, on, calls)]


def of(event, bodies):
    return [body["data"] for body in bodies if body["event"] == event]


def many(business):
    """The calls of many days, each a list of its bodies."""
    found = defaultdict(list)
    for seed in SEEDS:
        for body in played(business, seed=seed):
            found[body["data"]["call_id"]].append(body)
    return list(found.values())


def local(business, text):
    return datetime.fromisoformat(text).astimezone(business.zone)
