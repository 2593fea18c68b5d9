import threading

import pytest

from receiver.errors import RetryLater
from receiver.toolkit import time_left_s
from receiver.toolkit.deadline import remaining_s, within


class Late(Exception):
    pass


def test_without_a_deadline_a_step_keeps_its_own_time_out():
    assert [remaining_s(timeout_s, Late) for timeout_s in (5, None)] == [5, None]


@pytest.mark.parametrize(("timeout_s", "at_most_s"), [(5, 5), (100, 60), (None, 60)])
def test_a_steps_time_out_is_cut_to_what_is_left(timeout_s, at_most_s):
    with within(60):
        left_s = remaining_s(timeout_s, Late)

    assert at_most_s - 1 < left_s <= at_most_s


def test_behind_the_deadline_no_step_is_begun():
    with within(0), pytest.raises(Late, match="deadline"):
        remaining_s(5, Late)

    assert remaining_s(5, Late) == 5


def test_a_deadline_is_that_of_its_own_thread():
    other = []

    with within(0):
        thread = threading.Thread(target=lambda: other.append(remaining_s(5, Late)))
        thread.start()
        thread.join()

    assert other == [5]


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
