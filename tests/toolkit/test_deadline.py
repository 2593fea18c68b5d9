import pytest

from receiver.errors import RetryLater
from receiver.toolkit import time_left_s, within


def test_without_a_deadline_a_request_has_its_own_time():
    assert time_left_s(7) == 7


def test_a_request_has_no_more_time_than_the_nearest_deadline_leaves():
    with within(60), within(5), within(30):
        assert 0 < time_left_s(7) <= 5
        assert time_left_s(1) == 1


def test_past_the_deadline_no_request_is_begun():
    with within(0), pytest.raises(RetryLater) as raised:
        time_left_s(7)

    assert raised.value.failure == "timeout"
