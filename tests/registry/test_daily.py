from datetime import UTC, datetime, time

import pytest

from receiver.errors import ConfigurationError
from receiver.registry import DAILY_AT, Lane, last_end_us
from receiver.registry.daily import time_of_day
from tests.support.handlers import a_handler

ON = {"TOKEN": "t", "CHANNEL": "c"}


@pytest.mark.parametrize(("text", "moment"), [("18:30", time(18, 30)), ("0:00", time(0)), ("09:05", time(9, 5))])
def test_a_time_of_the_day_is_hours_and_minutes(text, moment):
    assert time_of_day(text) == moment


@pytest.mark.parametrize("text", ["", "18", "24:00", "18:60", "6pm", "18:30:00", "-1:00", "١٨:٣٠", "18:30\n"])
def test_anything_else_is_none(text):
    with pytest.raises(ConfigurationError, match=r"18:30"):
        time_of_day(text)


ENDS = [
    # zone             at       now, in UTC            the last end of a day, in UTC
    ("UTC",            "18:30", "2026-11-30T18:30:00", "2026-11-30T18:30:00"),
    ("UTC",            "18:30", "2026-11-30T18:29:59", "2026-11-29T18:30:00"),
    ("Europe/Madrid",  "18:30", "2026-11-30T17:30:00", "2026-11-30T17:30:00"),
    ("America/Chicago", "18:30", "2026-12-01T00:00:00", "2026-11-30T00:30:00"),
    ("Pacific/Auckland", "1:00", "2026-11-30T12:30:00", "2026-11-30T12:00:00"),
    # on 29 March 2026 there is no 2:30 in Madrid, on 25 October 2026 there are two
    ("Europe/Madrid",  "2:30",  "2026-03-29T12:00:00", "2026-03-29T01:30:00"),
    ("Europe/Madrid",  "2:30",  "2026-10-25T12:00:00", "2026-10-25T00:30:00"),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "at", "now", "end"), ENDS)
def test_a_day_ends_at_that_time_at_the_business(zone, at, now, end):
    now_us, end_us = (int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**6 for text in (now, end))

    assert last_end_us({"BUSINESS_TIMEZONE": zone, DAILY_AT: at}, now_us) == end_us


def test_a_target_that_is_for_a_day_gets_no_deliveries():
    activation = a_handler(targets=lambda settings: {"calls": {}, "day": {DAILY_AT: "18:30"}}).activate(ON)

    assert activation.delivery_lanes() == [Lane("", "toy.do", "calls")]
    assert activation.daily_lanes() == [Lane("", "toy.do", "day")]
    assert activation.lanes() == [*activation.delivery_lanes(), *activation.daily_lanes()]


def test_a_time_that_is_none_turns_nothing_on():
    activation = a_handler(targets=lambda settings: {"day": {DAILY_AT: "noon"}}).activate(ON)

    assert (activation.state, "18:30" in activation.why) == ("misconfigured", True)
