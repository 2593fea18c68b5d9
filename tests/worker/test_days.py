"""A worker gives a day's run to its handler, once, with the events of the day."""

import dataclasses

import pytest

from receiver.inbox import open_day
from receiver.registry import Lane

LANE = Lane("", "toys.daily", "day")
DAY_US = 86_400_000_000


@pytest.fixture
def daily(bench):
    """A worker's variables: its day ended at midnight, and yesterday it was at work already."""
    midnight = bench.db.now_us() // DAY_US * DAY_US
    open_day(bench.db, LANE, midnight - DAY_US, midnight - DAY_US)
    return dataclasses.replace(
        bench, database_env=bench.database_env | {"TOYS_DAILY_AT": "0:00", "TOYS_URGENCY": "high"}
    )


def test_a_day_is_one_run_with_all_that_the_handler_gets(daily):
    daily.keep("a", "b")
    daily.keep("c", event="lead.created")
    daily.keep("d", urgency="low")
    daily.work()

    daily.until_states("toys.daily", ["succeeded"])
    assert daily.notes("toys.daily") == ["d 1 0 a,b"]
    assert daily.states("toys.steady")  # each delivery's own runs are made beside it


def test_a_worker_that_is_killed_and_started_again_opens_it_once(daily):
    daily.keep("a")
    process = daily.work()
    daily.until_states("toys.daily", ["succeeded"])
    process.kill()
    daily.work()

    daily.keep("b")
    daily.until_states("toys.steady", ["succeeded"] * 2)
    assert daily.notes("toys.daily") == ["a 1 0 a"]
