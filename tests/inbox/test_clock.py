"""No stored time is believed that lies further ahead than it can: a clock that was ahead costs a moment."""

import pytest

from receiver.events import Delivery
from receiver.inbox import LEADER_LEASE_US, RUN_LEASE_US, Inbox, Verdict, limit_waits, take_turn, throttled
from receiver.inbox.clock import LONGEST_COOLDOWN_US, LONGEST_RETRY_US
from receiver.inbox.schedule import BACKOFF_S, JITTER
from receiver.registry import Lane
from receiver.toolkit.outcomes import LONGEST_WAIT_S
from tests.support.runs import Runs, hold
from tests.support.tools import claim, finish

NOW = 1_800_000_000_000_000
SECOND, HOUR, YEARS = 1_000_000, 3_600_000_000, 315_000_000_000_000
TOY = Lane("", "toy", "")
RETRY = Verdict(state="retrying", result="retry", detail="busy", delay_us=5 * SECOND, failed=True)
REST = Verdict(state="retrying", result="retry", delay_us=30 * SECOND, failed=True, cooldown_us=30 * SECOND)
AHEAD = pytest.mark.parametrize("ahead_us", [2 * HOUR, YEARS])


@pytest.fixture
def runs(db):
    return Runs(db)


def opened(runs, key, now_us):
    Inbox(runs.db).keep(Delivery(key=key, event="x", body=b"{}", received_us=now_us))
    waiting = runs.undispatched(9)
    runs.open([(row, "toy", "") for row in waiting], [row["id"] for row in waiting], now_us)
    return runs.db.read("SELECT max(id) AS id FROM runs")[0]["id"]


def noted(db):
    return [int(row["value"]) for row in db.read("SELECT value FROM facts WHERE name = 'clock'")]


def limit(runs, now_us, pace_us=SECOND):
    limit_waits(runs.db, {TOY: pace_us}, now_us)


@AHEAD
def test_a_lease_further_ahead_than_its_own_length_is_nobodys(runs, ahead_us):
    assert runs.lead("killed", NOW + ahead_us)

    assert runs.lead("next", NOW)
    assert not runs.lead("another", NOW + SECOND)


@AHEAD
def test_who_ends_in_order_while_the_clock_is_ahead_leaves_the_lease_to_the_next(runs, ahead_us):
    runs.lead("ended", NOW + ahead_us)
    runs.let_go("ended", NOW + ahead_us)

    assert runs.db.read("SELECT until_us FROM leases WHERE name = 'dispatcher'")[0]["until_us"] == 0
    assert runs.lead("next", NOW)


@pytest.mark.parametrize("end", ["killed", "ended"])
@AHEAD
def test_all_that_waits_is_moved_back_with_the_clock(runs, ahead_us, end):
    runs.lead("us", NOW + ahead_us)
    run, fresh = opened(runs, "a", NOW + ahead_us), opened(runs, "b", NOW + ahead_us)
    finish(runs, claim(runs, run, "us", NOW + ahead_us), "us", REST, NOW + ahead_us)
    take_turn(runs.db, TOY, pace_us=SECOND, ahead_us=0, now_us=NOW + ahead_us)
    if end == "ended":
        runs.let_go("us", NOW + ahead_us)

    runs.lead("us", NOW)
    limit(runs, NOW)

    assert runs.due("toy", "", NOW, 9) == [fresh]
    assert runs.due("toy", "", NOW + 31 * SECOND, 9) == [run, fresh]
    assert throttled(runs.db, NOW + 29 * SECOND) == {TOY}
    assert throttled(runs.db, NOW + 31 * SECOND) == set()
    assert noted(runs.db) == [ahead_us]


def test_what_was_moved_back_is_not_moved_again(runs):
    runs.lead("us", NOW + 2 * HOUR)
    run = opened(runs, "a", NOW + 2 * HOUR)
    finish(runs, claim(runs, run, "us", NOW + 2 * HOUR), "us", REST, NOW + 2 * HOUR)
    runs.let_go("us", NOW + 2 * HOUR)

    for second in range(5):
        runs.lead("us", NOW + second * SECOND)

    assert runs.due("toy", "", NOW + 29 * SECOND, 9) == []
    assert runs.due("toy", "", NOW + 30 * SECOND, 9) == [run]


def test_a_clock_that_steps_by_a_second_and_a_worker_that_was_away_move_nothing(runs):
    runs.lead("us", NOW)
    run = opened(runs, "a", NOW)
    finish(runs, claim(runs, run, "us", NOW), "us", RETRY, NOW)

    runs.lead("us", NOW - SECOND)
    runs.lead("us", NOW - SECOND // 2)

    assert (runs.due("toy", "", NOW + 5 * SECOND - 1, 9), noted(runs.db)) == ([], [])


@AHEAD
def test_a_turn_further_ahead_than_a_pace_is_now(runs, ahead_us):
    take_turn(runs.db, TOY, pace_us=SECOND, ahead_us=0, now_us=NOW + ahead_us)

    limit(runs, NOW)

    assert throttled(runs.db, NOW) == set()
    assert take_turn(runs.db, TOY, pace_us=SECOND, ahead_us=3 * SECOND, now_us=NOW) == NOW
    assert noted(runs.db) == [ahead_us + SECOND]


@AHEAD
def test_a_hold_that_lasts_longer_than_its_span_is_over(runs, ahead_us):
    hold(runs.db, TOY, 30 * SECOND, NOW + ahead_us)

    limit(runs, NOW)

    assert throttled(runs.db, NOW) == set()


@AHEAD
def test_a_cooldown_of_an_older_version_longer_than_any_is_over(runs, ahead_us):
    sql = "INSERT INTO throttles (source, handler, target, not_before_us) VALUES ('', 'toy', '', ?)"
    runs.db.commit(lambda tx: tx.execute(sql, (NOW + ahead_us,)))

    limit(runs, NOW)

    assert throttled(runs.db, NOW) == set()


def test_what_waits_for_as_long_as_it_may_goes_on_waiting(runs):
    run = opened(runs, "a", NOW)
    longest = Verdict(state="retrying", result="retry", delay_us=LONGEST_RETRY_US, failed=True)
    finish(runs, claim(runs, run, "us", NOW), "us", longest, NOW)
    take_turn(runs.db, TOY, pace_us=SECOND, ahead_us=0, now_us=NOW)
    hold(runs.db, TOY, LONGEST_COOLDOWN_US, NOW)

    limit(runs, NOW)

    assert throttled(runs.db, NOW + LONGEST_COOLDOWN_US - 1) == {TOY}
    assert runs.due("toy", "", NOW + LONGEST_RETRY_US - 1, 9) == []


def test_the_spans_are_those_of_the_schedule_and_of_the_destinations():
    assert max(BACKOFF_S) * (1 + JITTER) == LONGEST_RETRY_US / 1e6
    assert LONGEST_COOLDOWN_US / 1e6 == LONGEST_WAIT_S


@pytest.mark.parametrize("state", ["pending", "queued"])
@AHEAD
def test_a_run_that_was_opened_ahead_of_time_is_due(runs, ahead_us, state):
    run = opened(runs, "a", NOW + ahead_us)
    if state == "queued":
        runs.mark_queued([run], NOW + ahead_us)

    limit(runs, NOW)

    assert claim(runs, run, "us", NOW)


def test_a_retry_that_waits_longer_than_the_schedule_is_due(runs):
    run = opened(runs, "a", NOW)
    finish(runs, claim(runs, run, "us", NOW), "us", RETRY, NOW + YEARS)

    limit(runs, NOW)

    assert runs.due("toy", "", NOW, 9) == [run]


def test_a_handler_that_asks_for_a_week_gets_it(runs):
    week = 7 * 24 * HOUR
    run = opened(runs, "a", NOW)
    rest = Verdict(state="retrying", result="retry", delay_us=week, failed=True, cooldown_us=week)
    finish(runs, claim(runs, run, "us", NOW), "us", rest, NOW)

    for hour in range(0, 7 * 24, 12):
        limit(runs, NOW + hour * HOUR)

    assert runs.due("toy", "", NOW + week - 1, 9) == []
    assert throttled(runs.db, NOW + week - 1) == {TOY}
    assert noted(runs.db) == []


def test_a_week_that_was_asked_for_while_the_clock_was_ahead_is_over(runs):
    week = 7 * 24 * HOUR
    run = opened(runs, "a", NOW)
    rest = Verdict(state="retrying", result="retry", delay_us=week, failed=True, cooldown_us=week)
    finish(runs, claim(runs, run, "us", NOW), "us", rest, NOW + 24 * HOUR)

    limit(runs, NOW)

    assert runs.due("toy", "", NOW, 9) == [run]
    assert throttled(runs.db, NOW) == set()


@AHEAD
def test_a_run_whose_worker_died_while_the_clock_was_ahead_is_taken_over_in_time(runs, ahead_us):
    run = opened(runs, "a", NOW)
    claim(runs, run, "killed", NOW + ahead_us)

    assert runs.take_over("toy", 10 * SECOND, NOW) == 0
    assert runs.take_over("toy", 10 * SECOND, NOW + RUN_LEASE_US + 1) == 0
    assert runs.take_over("toy", 10 * SECOND, NOW + 10 * SECOND + 1) == 1


@AHEAD
def test_a_worker_that_lives_keeps_its_run_when_the_clock_is_set_back(runs, ahead_us):
    run = opened(runs, "a", NOW)
    claimed = claim(runs, run, "us", NOW + ahead_us)

    for second in range(0, 60, 2):
        assert runs.take_over("toy", 10 * SECOND, NOW + second * SECOND) == 0
        assert runs.renew("us", [run], NOW + second * SECOND) == [run]
    assert finish(runs, claimed, "us", RETRY, NOW + 60 * SECOND)


def test_a_lease_of_its_own_length_is_believed_on_every_machine(runs):
    runs.lead("one", NOW)

    assert not runs.lead("two", NOW - SECOND)
    assert not runs.lead("two", NOW + LEADER_LEASE_US)
