"""One run a day in a lane, about the deliveries since the one before; whoever dies, and whatever the clock does."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from receiver.errors import StoreUnavailable
from receiver.events import Delivery
from receiver.inbox import Inbox, deliveries_of_day, forget_days, open_day
from receiver.inbox.days import fact, move_on
from receiver.registry import Lane

LANE = Lane("", "email.send", "front@acme.example/summary")
HOUR = 3_600_000_000
DAY = 24 * HOUR
MONDAY = 1_000 * DAY


def keep(db, *keys, at, source=""):
    for key in keys:
        Inbox(db).keep(Delivery(key=key, event="call.completed", body=b"{}", received_us=at, source=source))


def end(db, end_us, now_us=None, lane=LANE):
    return open_day(db, lane, end_us, end_us + HOUR if now_us is None else now_us)


def days(db, lane=LANE):
    """The keys of each day's deliveries."""
    sql = "SELECT id FROM runs WHERE source = ? AND handler = ? AND target = ? ORDER BY id"
    runs = [row["id"] for row in db.read(sql, lane)]
    return [[row["key"] for row in deliveries_of_day(db, lane, run)] for run in runs]


@pytest.fixture
def begun(db):
    keep(db, "before-it-was-on", at=MONDAY - HOUR)
    end(db, MONDAY)
    return db


def test_a_lane_that_is_new_begins_with_what_comes_from_then_on(begun):
    assert days(begun) == []

    keep(begun, "a", at=MONDAY + HOUR)
    end(begun, MONDAY + DAY)

    assert days(begun) == [["a"]]


def test_each_delivery_is_in_one_day(begun):
    keep(begun, "a", "b", at=MONDAY + HOUR)
    end(begun, MONDAY + DAY)
    keep(begun, "c", at=MONDAY + DAY + HOUR)
    keep(begun, "d", at=MONDAY + 3 * DAY)
    end(begun, MONDAY + 2 * DAY)
    end(begun, MONDAY + 4 * DAY)

    assert days(begun) == [["a", "b"], ["c"], ["d"]]


def test_a_day_that_is_over_is_opened_once(begun):
    keep(begun, "a", at=MONDAY + HOUR)

    assert [end(begun, MONDAY + DAY) for _ in range(3)] == [True, False, False]
    assert days(begun) == [["a"]]


def test_two_workers_at_once_open_it_once(begun):
    keep(begun, "a", at=MONDAY + HOUR)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: end(begun, MONDAY + DAY), range(8)))

    assert days(begun) == [["a"]]


def test_a_worker_that_looked_before_another_opened_the_day_opens_no_second_run(begun):
    keep(begun, "a", at=MONDAY + HOUR)
    before = begun.read("SELECT value FROM facts WHERE name = ?", (fact(LANE),))[0]["value"]
    end(begun, MONDAY + DAY)
    keep(begun, "b", at=MONDAY + 2 * HOUR)

    begun.commit(partial(move_on, lane=LANE, before=before, end_us=MONDAY + DAY, now_us=MONDAY + DAY))

    assert days(begun) == [["a"]]


class Broken:
    """A database whose commit goes through, and says that it did not."""

    def __init__(self, db):
        self.db = db

    def __getattr__(self, name):
        return getattr(self.db, name)

    def commit(self, work):
        self.db.commit(work)
        raise StoreUnavailable("the connection was lost")


def test_a_commit_of_unknown_end_may_be_repeated(begun):
    keep(begun, "a", at=MONDAY + HOUR)
    with pytest.raises(StoreUnavailable):
        end(Broken(begun), MONDAY + DAY)

    end(begun, MONDAY + DAY)

    assert days(begun) == [["a"]]


def test_a_day_without_deliveries_has_no_run(begun):
    end(begun, MONDAY + DAY)
    keep(begun, "a", at=MONDAY + DAY + HOUR)
    end(begun, MONDAY + 2 * DAY)

    assert days(begun) == [["a"]]


def test_what_comes_after_the_end_is_the_next_days(begun):
    keep(begun, "a", at=MONDAY + HOUR)
    keep(begun, "b", at=MONDAY + DAY + 1)
    end(begun, MONDAY + DAY)
    end(begun, MONDAY + 2 * DAY)

    assert days(begun) == [["a"], ["b"]]


def test_a_time_that_is_moved_neither_repeats_nor_leaves_out(begun):
    keep(begun, "a", at=MONDAY + HOUR)
    end(begun, MONDAY + DAY)
    keep(begun, "b", at=MONDAY + DAY + HOUR)
    end(begun, MONDAY + DAY + 2 * HOUR)  # an hour or two later, on the same day
    keep(begun, "c", at=MONDAY + DAY + 3 * HOUR)
    end(begun, MONDAY + DAY - 5 * HOUR)  # back to an earlier time, which is over
    end(begun, MONDAY + 2 * DAY - 5 * HOUR)

    assert days(begun) == [["a"], ["b"], ["c"]]


def test_a_clock_that_was_a_year_ahead_stops_no_later_day(begun):
    keep(begun, "a", at=MONDAY + HOUR)
    end(begun, MONDAY + 365 * DAY)
    keep(begun, "b", at=MONDAY + 2 * HOUR)
    end(begun, MONDAY + DAY)

    assert days(begun) == [["a"], ["b"]]


def test_each_source_has_days_of_its_own(begun):
    other = Lane("acme", "email.send", "")
    end(begun, MONDAY, lane=other)
    keep(begun, "a", at=MONDAY + HOUR)
    keep(begun, "b", at=MONDAY + HOUR, source="acme")
    for lane in (LANE, other):
        end(begun, MONDAY + DAY, lane=lane)

    assert (days(begun), days(begun, other)) == ([["a"]], [["b"]])


def test_a_lane_that_was_off_begins_anew(begun):
    forget_days(begun, [], [])
    keep(begun, "while-it-was-off", at=MONDAY + HOUR)
    end(begun, MONDAY + DAY)
    keep(begun, "a", at=MONDAY + DAY + HOUR)
    end(begun, MONDAY + 2 * DAY)

    assert days(begun) == [["a"]]


def test_a_lane_whose_handler_is_set_by_half_loses_nothing(begun):
    keep(begun, "a", at=MONDAY + HOUR)
    forget_days(begun, [], ["email.send"])
    end(begun, MONDAY + DAY)

    assert days(begun) == [["a"]]


def test_a_run_of_which_nothing_is_known_any_more_is_about_the_24_hours_before_it(begun):
    keep(begun, "a", at=MONDAY + HOUR)
    keep(begun, "b", at=MONDAY + 2 * DAY)
    end(begun, MONDAY + 3 * DAY)
    forget_days(begun, [], [])

    assert days(begun) == [["b"]]
