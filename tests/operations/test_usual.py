"""The rule that tells a silence from a quiet hour, on calls that come like clockwork."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from receiver.operations.usual import QUARTER_US, Calls, counts, silent, surprise, threshold

MADRID = ZoneInfo("Europe/Madrid")
FIRST = datetime(2026, 9, 7, tzinfo=MADRID)  # a Monday; the clocks are changed on October 25
OPEN = [(9, 13), (15, 18)]


def us(at):
    return int(at.timestamp() * 1e6)


def calls(until, *, an_hour=4, hours=OPEN, days=range(5), first=FIRST, closed_on=()):
    """So many calls an hour while it is open, on these weekdays."""
    quarters, day = [], first
    while day < until:
        for begin, end in hours if day.weekday() in days else ():
            times = [day.replace(hour=begin) + timedelta(minutes=15 * n) for n in range(4 * (end - begin))]
            quarters += [us(at) // QUARTER_US for at in times for _ in range(an_hour // 4) if at < until]
        day += timedelta(1)
    return Calls(quarters=sorted(quarters), zone=MADRID, closed_on=closed_on)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=MADRID)


def silence(last, now, **changes):
    return silent(calls(at(last), **changes), us(at(last)), us(at(now)))


@pytest.mark.parametrize(
    ("last", "now", "usual"),
    [
        ("2026-11-12 10:00", "2026-11-12 12:00", 0),  # 8 usually come: one may be that unlucky
        ("2026-11-12 09:00", "2026-11-12 16:00", 20),
        ("2026-11-12 12:00", "2026-11-12 14:59", 0),  # lunch
        ("2026-11-12 18:00", "2026-11-13 09:00", 0),  # night
        ("2026-11-13 18:00", "2026-11-16 09:00", 0),  # weekend
        ("2026-11-13 18:00", "2026-11-16 15:30", 18),
        ("2026-10-23 18:00", "2026-10-26 09:00", 0),  # the clocks were put back on Sunday
    ],
)
def test_it_goes_by_the_hours_in_which_calls_usually_come(last, now, usual):
    assert silence(last, now) == usual


def test_the_clocks_are_followed_when_they_are_put_forward():
    """Calls of 9 o'clock came at 8 UTC before, and come at 7 UTC now."""
    known = calls(at("2027-03-29 09:00"), first=datetime(2027, 1, 4, tzinfo=MADRID))

    assert counts(known, us(at("2027-03-26 18:00")), us(at("2027-03-29 09:00"))) == [0] * 8


def test_the_rest_of_a_quarter_is_not_missed_after_its_last_minute():
    """20 calls a quarter, of which 20 come from 17:45 on; nothing is missed between 17:59 and the next morning."""
    assert silence("2026-11-12 17:59", "2026-11-13 09:00", an_hour=80) == 0


def test_the_more_calls_the_sooner():
    assert silence("2026-11-12 10:00", "2026-11-12 10:45", an_hour=40) == 30


@pytest.mark.parametrize(("closed_on", "usual"), [((), 28), (("11-12",), 0), (("2026-11-12",), 0), (("11-13",), 28)])
def test_on_a_day_that_is_named_as_closed_no_call_is_missed(closed_on, usual):
    assert silence("2026-11-11 18:00", "2026-11-12 18:00", closed_on=closed_on) == usual


def test_a_holiday_among_the_weeks_before_changes_nothing():
    known = calls(at("2026-11-12 09:00"))
    holiday = range(us(at("2026-11-05 00:00")) // QUARTER_US, us(at("2026-11-06 00:00")) // QUARTER_US)
    without = Calls(quarters=[each for each in known.quarters if each not in holiday], zone=MADRID)

    assert silent(without, us(at("2026-11-12 09:00")), us(at("2026-11-12 16:00"))) == 20


def test_a_business_that_is_too_new_is_silent_after_three_days_and_twice_its_longest_pause():
    """It opened on a Monday, and this is its first weekend: 63 hours."""
    assert [
        silence("2026-09-11 18:00", now, first=FIRST) > 0
        for now in ("2026-09-14 09:00", "2026-09-14 17:59", "2026-09-14 18:30")
    ] == [False, False, True]


def test_where_nothing_came_yet_nothing_is_missed():
    assert silent(Calls(quarters=(), zone=MADRID), 0, us(FIRST)) == 0


def test_a_silence_of_weeks_is_compared_with_the_weeks_before_it():
    assert silence("2026-11-12 18:00", "2026-11-26 18:00") == 140


def test_a_silence_is_more_surprising_the_more_calls_are_missing_and_less_than_by_chance_alone():
    assert [round(surprise(usual), 1) for usual in (0, 4, 12, 24)] == [0, 3.5, 8.3, 13.2]
    assert threshold(calls(at("2026-11-12 09:00")), us(at("2026-11-12 09:00"))) == pytest.approx(7.8, abs=0.1)
