import pytest

from mock_sender.schedule import SCHEDULES

DAY_S = 24 * 3600
SPANS = [
    # schedule             retries    from the first attempt to the last, in seconds
    ("none",               0,         0),
    ("slack",              3,         361),
    ("standard-webhooks",  9,         3 * DAY_S + 3 * 3600 + 2105),
    ("svix",               7,         27 * 3600 + 2105),
    ("eager",              5,         5),
]  # fmt: skip


def test_every_schedule_is_one_of_the_table():
    assert [name for name, _, _ in SPANS] == list(SCHEDULES)


@pytest.mark.parametrize(("name", "retries", "span_s"), SPANS)
def test_a_delivery_is_given_up_after_the_retries_of_its_schedule(name, retries, span_s):
    waits = [SCHEDULES[name].wait_s(attempts) for attempts in range(1, retries + 2)]

    assert waits[-1] is None
    assert (len(waits) - 1, sum(waits[:-1])) == (retries, span_s)


def test_before_its_first_attempt_no_delivery_waits_for_a_retry():
    assert {name: schedule.wait_s(0) for name, schedule in SCHEDULES.items()} == dict.fromkeys(SCHEDULES)
