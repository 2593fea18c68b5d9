"""A clock that is ahead for a while removes nothing for its age."""

import pytest

from receiver.inbox import Inbox, Penned, penned
from receiver.inbox.pen import write_pen
from receiver.operations import Aging, empty_pen
from receiver.operations.aging import DAY_US
from tests.support.deliveries import a_delivery

NOW = 1_700_000_000_000_000
HOUR_US = DAY_US // 24
YEARS = 3650 * DAY_US


class Clocks:
    """What a machine's clock says, and one that nobody sets."""

    def __init__(self):
        self.us, self.steady_us = NOW, 5

    def go_on(self, us):
        self.us += us
        self.steady_us += us

    def set(self, us):
        self.us += us


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def begin(db, clocks):
    return lambda: Aging(db, lambda: clocks.us, lambda: clocks.steady_us)


def receive(db, us):
    Inbox(db).keep(a_delivery(f"d-{us}", received_us=us))


@pytest.mark.parametrize(("ago_us", "is_believed"), [(HOUR_US, True), (DAY_US + 1, False), (-HOUR_US, False)])
def test_a_delivery_of_the_last_day_bears_the_clock_out(db, begin, ago_us, is_believed):
    receive(db, NOW - ago_us)

    assert begin().is_believed() == is_believed


def test_a_clock_that_is_set_forward_is_not_believed_and_is_once_it_is_right_again(db, clocks, begin):
    receive(db, NOW)
    aging = begin()
    clocks.set(YEARS)
    ahead = aging.is_believed()
    clocks.set(-YEARS)

    assert (ahead, aging.is_believed()) == (False, True)


@pytest.mark.parametrize("step_us", [0, YEARS])
def test_without_deliveries_a_clock_that_nobody_sets_is_believed_after_a_day(db, clocks, begin, step_us):
    aging = begin()
    clocks.go_on(DAY_US - HOUR_US)
    clocks.set(step_us)
    before = aging.is_believed()
    clocks.go_on(HOUR_US)
    after_a_day = aging.is_believed()
    clocks.go_on(DAY_US)

    assert (before, after_a_day, aging.is_believed()) == (False, step_us == 0, True)


def test_a_clock_that_was_wrong_from_the_start_empties_no_pen(db, begin):
    week_old = db.now_us() - 8 * DAY_US
    request = Penned(received_us=week_old, reason="signature-mismatch", headers={}, body=b"{}")
    db.commit(lambda tx: write_pen(tx, "", [request]))
    empty_pen(db, Aging(db))
    before = len(penned(db))
    receive(db, db.now_us())

    empty_pen(db, Aging(db))

    assert (before, len(penned(db))) == (1, 0)
