"""One bad delivery, or one bad moment, never holds up the rest; a target that is down is tried by one run at a time."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from receiver import settings, store
from receiver.events import Delivery
from receiver.inbox import Attempts, Inbox, Verdict, holds, limit_waits, take_turn
from receiver.inbox.attempting import Finishing, claim_runs
from receiver.inbox.holding import FAILURES, FIRST_WAIT_US, LONGEST_WAIT_US, RUNS, UNREACHED
from receiver.registry import Lane
from tests.support.runs import Runs
from tests.support.tools import claim, finish

NOW = 1_800_000_000_000_000
SECOND, HOUR = 1_000_000, 3_600_000_000
TOY = Lane("", "toy", "")
DONE = Verdict(state="succeeded", result="succeeded", detail="200")
GAVE_UP = Verdict(state="dead", result="gave-up", detail="it answered 400", failure="refused-400", failed=True)
PAUSE = Verdict(state="retrying", result="pause", detail="it answered 410", failure="refused-410", pause=True)


def a_failure(failure="refused-500", delay_us=5 * SECOND, **more):
    detail = f"it ended with {failure}"
    return Verdict(
        state="retrying", result="retry", detail=detail, failure=failure, delay_us=delay_us, failed=True, **more
    )


@pytest.fixture
def runs(db):
    return Runs(db)


def opened(runs, number, now_us=NOW, target=""):
    """Ids of new runs of the handler `toy`."""
    before = runs.db.read("SELECT count(*) AS n FROM deliveries")[0]["n"]
    for n in range(number):
        key = f"d-{before + n}"
        Inbox(runs.db).keep(Delivery(key=key, call_id=key, body=b"{}", event="x", received_us=now_us))
    waiting = runs.undispatched(number)
    runs.open([(delivery, "toy", target) for delivery in waiting], [delivery["id"] for delivery in waiting], now_us)
    return [row["id"] for row in runs.db.read("SELECT id FROM runs ORDER BY id")][-number:]


def end(runs, run, verdict, now_us=NOW):
    """The verdict that is written when the run's next attempt ends so; None where it may not be attempted."""
    claimed = claim(runs, run, "us", now_us)
    return runs.finish([(claimed, verdict)], "us", now_us)[run] if claimed else None


def failed(runs, ids, verdict, now_us=NOW):
    """These runs are attempted at once, and end so one after the other."""
    for claimed in [claim(runs, run, "us", now_us) for run in ids]:
        assert finish(runs, claimed, "us", verdict, now_us)


def held(runs):
    return holds(runs.db).get(TOY)


def down(runs, verdict=None):
    """A lane that is held from now on, its failed runs, and one that has not been tried."""
    *failing, fresh = opened(runs, FAILURES + 1)
    failed(runs, failing, verdict or a_failure())
    assert held(runs).until_us == NOW + FIRST_WAIT_US
    return failing, fresh


def test_a_failure_holds_up_no_other_run(runs):
    failing, other = opened(runs, 2)

    end(runs, failing, a_failure())

    assert held(runs) is None
    assert end(runs, other, DONE).state == "succeeded"


def test_several_failures_in_a_row_hold_the_lane(runs):
    failing = opened(runs, FAILURES)

    failed(runs, failing[:-1], a_failure())
    assert held(runs) is None
    end(runs, failing[-1], a_failure())

    hold = held(runs)
    assert (hold.kind, hold.failures, hold.since_us) == ("down", FAILURES, NOW)
    assert (hold.until_us, hold.reason) == (NOW + FIRST_WAIT_US, "it ended with refused-500")


def test_a_success_between_begins_the_count_anew(runs):
    *failing, good = opened(runs, FAILURES + 1)

    failed(runs, failing[:-1], a_failure())
    end(runs, good, DONE)
    end(runs, failing[-1], a_failure())

    assert held(runs) is None


@pytest.mark.parametrize(("verdicts", "is_held"), [([True, False] * FAILURES, False), ([False] * FAILURES, True)])
def test_ends_that_are_written_in_one_commit_count_in_their_order(runs, verdicts, is_held):
    claims = [claim(runs, run, "us", NOW) for run in opened(runs, len(verdicts))]
    calls = [[(claimed, DONE if good else a_failure())] for claimed, good in zip(claims, verdicts, strict=True)]

    runs.db.commit(lambda tx: Finishing("us", NOW)(tx, calls))

    assert bool(held(runs)) is is_held


def test_runs_that_always_fail_hold_up_nobody(runs):
    failing = opened(runs, RUNS - 1)

    for minute in range(FAILURES):
        for run in failing:
            end(runs, run, a_failure(), NOW + minute * 60 * SECOND)

    assert held(runs) is None


@pytest.mark.parametrize("failure", ["connect", "dns"])
def test_where_no_connection_comes_about_no_delivery_is_the_reason(runs, failure):
    [alone] = opened(runs, 1)

    for n in range(UNREACHED):
        end(runs, alone, a_failure(failure), NOW + n * 5 * SECOND)

    assert held(runs).failures == UNREACHED


@pytest.mark.parametrize("verdict", [GAVE_UP, Verdict(state="skipped", result="skipped")])
def test_an_end_that_says_nothing_of_the_target_counts_for_nothing(runs, verdict):
    failed(runs, opened(runs, FAILURES), verdict)

    assert held(runs) is None


def waits_s(runs, run, now_us):
    return (row_of(runs, run)["next_attempt_us"] - now_us) / SECOND


LONG = 120 * SECOND


def test_a_run_that_fails_again_while_others_get_through_is_tried_again_soon(runs):
    flaky, good, other = opened(runs, 3)

    end(runs, flaky, a_failure())
    end(runs, good, DONE)
    end(runs, other, a_failure())
    end(runs, flaky, a_failure(delay_us=LONG), NOW + 5 * SECOND)

    assert 5 < waits_s(runs, flaky, NOW + 5 * SECOND) < 9


def test_a_run_that_fails_again_with_no_success_between_keeps_to_its_schedule(runs):
    [alone] = opened(runs, 1)

    for _ in range(2):
        end(runs, alone, a_failure(delay_us=0))
    end(runs, alone, a_failure(delay_us=LONG))

    assert waits_s(runs, alone, NOW) == 120


@pytest.mark.parametrize(("failure", "failures", "waits"), [
    ("refused-404", 1, 120), ("retry-later", 1, 120), ("timeout", 2, 7), ("refused-503", 3, 120),
])  # fmt: skip
def test_only_what_passes_is_tried_again_soon_and_only_twice(runs, failure, failures, waits):
    flaky, *good = opened(runs, failures + 1)

    for other in good:
        end(runs, flaky, a_failure(failure, 0))
        end(runs, other, DONE)
    end(runs, flaky, a_failure(failure, LONG))

    assert waits * 0.8 <= waits_s(runs, flaky, NOW) <= waits * 1.2


def test_a_batch_that_fails_is_one_failure(runs):
    for n in range(FAILURES - 1):
        claims = runs.claim(opened(runs, 10), "us", NOW + n)
        runs.finish([(claimed, a_failure()) for claimed in claims], "us", NOW + n)

    assert held(runs) is None


def test_another_lane_is_not_held(runs):
    [elsewhere] = opened(runs, 1, target="b")
    down(runs)

    assert end(runs, elsewhere, DONE)


def test_while_a_lane_is_held_one_run_at_a_time_tries_it(runs):
    _, fresh = down(runs)
    [another] = opened(runs, 1)
    ended_us = NOW + FIRST_WAIT_US

    assert claim(runs, fresh, "us", ended_us - 1) is None
    probe = claim(runs, fresh, "us", ended_us)
    assert probe
    assert [claim(runs, another, "us", ended_us + later_us) for later_us in (0, 30 * SECOND)] == [None, None]
    assert held(runs).probing


def test_each_wait_is_longer_than_the_last_up_to_a_limit(runs):
    down(runs)
    now_us, waits = NOW, []

    for run in opened(runs, 4):
        now_us = held(runs).until_us
        end(runs, run, a_failure(), now_us)
        waits.append(held(runs).until_us - now_us)

    assert waits == [2 * FIRST_WAIT_US, LONGEST_WAIT_US, LONGEST_WAIT_US, LONGEST_WAIT_US]
    assert held(runs).failures == FAILURES + 4


def test_what_was_under_way_when_the_hold_began_makes_it_no_longer(runs):
    late = opened(runs, 3)
    claims = [claim(runs, run, "us", NOW) for run in late]
    down(runs)

    for claimed in claims:
        finish(runs, claimed, "us", a_failure(), NOW + SECOND)

    assert held(runs).until_us == NOW + FIRST_WAIT_US


def test_the_first_success_ends_the_hold_and_what_failed_meanwhile_is_due(runs):
    failing, fresh = down(runs)
    now_us = NOW + FIRST_WAIT_US

    end(runs, fresh, DONE, now_us)

    assert held(runs) is None
    assert runs.due("toy", "", now_us, 9) == failing


def test_a_success_of_what_was_under_way_ends_the_hold_as_well(runs):
    [slow] = opened(runs, 1)
    claimed = claim(runs, slow, "us", NOW)
    down(runs)

    finish(runs, claimed, "us", DONE, NOW + 1)

    assert held(runs) is None


def test_what_failed_before_the_outage_or_asked_for_a_time_of_its_own_keeps_it(runs):
    before, asking, good = opened(runs, 3, NOW - HOUR)
    end(runs, before, a_failure(delay_us=3 * HOUR), NOW - HOUR)
    end(runs, good, DONE, NOW - HOUR)
    end(runs, asking, a_failure("retry-later", delay_us=HOUR))
    *failing, fresh = opened(runs, FAILURES + 1)
    failed(runs, failing[: FAILURES - 1], a_failure())

    end(runs, fresh, DONE, NOW + FIRST_WAIT_US)

    assert runs.due("toy", "", NOW + FIRST_WAIT_US, 9) == [*failing]


@pytest.mark.parametrize("verdict", [GAVE_UP, PAUSE, Verdict(state="retrying", result="lost")])
def test_a_probe_that_finds_out_nothing_lets_another_try_at_once(runs, verdict):
    _, fresh = down(runs)
    [another] = opened(runs, 1)
    now_us = NOW + FIRST_WAIT_US

    end(runs, fresh, verdict, now_us)
    runs.db.commit(lambda tx: tx.execute("DELETE FROM pauses"))

    assert claim(runs, another, "us", now_us + 1)


def test_a_probe_whose_worker_dies_lets_another_try(runs):
    _, fresh = down(runs)
    [another] = opened(runs, 1)
    now_us = NOW + FIRST_WAIT_US
    claim(runs, fresh, "dead", now_us)

    now_us += 60 * SECOND
    runs.take_over("toy", 20 * SECOND, now_us)

    assert claim(runs, another, "us", now_us)


def test_a_run_of_a_call_that_is_under_way_does_not_use_up_the_probe(runs):
    [slow] = opened(runs, 1)
    key = runs.db.read("SELECT call_id FROM runs WHERE id = ?", (slow,))[0]["call_id"]
    Inbox(runs.db).keep(Delivery(key="of-the-call", call_id=key, body=b"{}", event="x", received_us=NOW))
    [delivery] = runs.undispatched(1)
    runs.open([(delivery, "toy", "")], [delivery["id"]], NOW)
    claim(runs, slow, "us", NOW)
    _, fresh = down(runs)
    of_the_call = runs.db.read("SELECT id FROM runs WHERE delivery_id = ?", (delivery["id"],))[0]["id"]

    assert claim(runs, of_the_call, "us", NOW + FIRST_WAIT_US) is None
    assert claim(runs, fresh, "us", NOW + FIRST_WAIT_US)


def probe_of(runs, now_us):
    """The run that is to try it, and whether that is due."""
    attempts, is_due = runs.backlog.probe(TOY, now_us, early=True)
    return next(iter(attempts), None), is_due


def test_runs_that_have_not_failed_yet_try_it_first(runs):
    failing, fresh = down(runs)
    now_us = NOW + 10 * SECOND

    assert probe_of(runs, now_us) == (fresh, True)
    end(runs, fresh, a_failure(), now_us)
    assert probe_of(runs, now_us + LONGEST_WAIT_US) == (failing[0], True)


def test_a_refusal_is_met_again_by_the_run_that_met_it_first(runs):
    failing, _ = down(runs, a_failure("refused-401"))

    assert probe_of(runs, NOW + 10 * SECOND) == (failing[0], True)


@pytest.mark.parametrize(("failure", "early"), [("connect", True), ("refused-503", True), ("refused-500", False)])
def test_where_none_is_due_one_that_was_not_looked_at_tries_it_before_its_time(runs, failure, early):
    failing, fresh = down(runs, a_failure(failure, HOUR)) if failure != "connect" else unreached(runs)
    end(runs, fresh, a_failure(failure, HOUR), NOW + FIRST_WAIT_US)

    assert probe_of(runs, NOW + 20 * SECOND) == ((failing[0], False) if early else (None, False))


def unreached(runs):
    *failing, fresh = opened(runs, UNREACHED + 1)
    failed(runs, failing, a_failure("connect", HOUR))
    return failing, fresh


def row_of(runs, run):
    return dict(runs.db.read("SELECT state, failures, next_attempt_us, attempts FROM runs WHERE id = ?", (run,))[0])


def test_a_probe_before_its_time_costs_the_run_nothing(runs):
    [first, _], _ = unreached(runs)
    before = row_of(runs, first)

    for verdict in (a_failure("connect"), replace(a_failure("connect"), state="dead")):
        assert end(runs, first, verdict, held(runs).until_us).result == "probe"

    assert row_of(runs, first) == before | {"attempts": 3}
    assert held(runs).failures == UNREACHED + 2
    assert end(runs, first, DONE, held(runs).until_us).state == "succeeded"


def test_a_time_that_the_destination_asks_for_is_kept_by_all_and_then_tried_by_one(runs):
    asking, second, third = opened(runs, 3)

    end(runs, asking, a_failure("refused-429", cooldown_us=30 * SECOND))

    assert (held(runs).kind, held(runs).until_us) == ("asked", NOW + 30 * SECOND)
    assert claim(runs, second, "us", NOW + 30 * SECOND - 1) is None
    assert claim(runs, second, "us", NOW + 30 * SECOND)
    assert claim(runs, third, "us", NOW + 30 * SECOND) is None


def test_a_time_that_was_asked_for_is_not_ended_by_what_was_under_way(runs):
    asking, slow = opened(runs, 2)
    claimed = claim(runs, slow, "us", NOW)
    end(runs, asking, a_failure("refused-429", cooldown_us=30 * SECOND))

    finish(runs, claimed, "us", DONE, NOW + SECOND)

    assert held(runs).until_us == NOW + 30 * SECOND


def test_the_longest_time_that_was_asked_for_counts(runs):
    claims = [claim(runs, run, "us", NOW) for run in opened(runs, 2)]

    for claimed, seconds in zip(claims, (60, 5), strict=True):
        finish(runs, claimed, "us", a_failure("refused-429", cooldown_us=seconds * SECOND), NOW)

    assert held(runs).until_us == NOW + 60 * SECOND


def test_a_time_that_was_asked_for_counts_though_others_of_the_batch_succeeded(runs):
    claims = runs.claim(opened(runs, 2), "us", NOW)

    runs.finish(list(zip(claims, (DONE, a_failure(cooldown_us=60 * SECOND)), strict=True)), "us", NOW)

    assert held(runs).until_us == NOW + 60 * SECOND


def test_a_hold_outlasts_the_process_and_two_workers_have_one_probe(runs, env):
    _, fresh = down(runs)
    [another] = opened(runs, 1)
    other = store.connect(settings.read(env))

    claims = [Attempts(other).claim([fresh], "a", NOW + FIRST_WAIT_US), runs.claim([another], "b", NOW + FIRST_WAIT_US)]

    assert [len(claimed) for claimed in claims] == [1, 0]
    other.close()


def test_two_workers_at_the_same_moment_have_one_probe(runs, env):
    _, fresh = down(runs)
    [another] = opened(runs, 1)
    now_us = NOW + FIRST_WAIT_US
    others, other = ThreadPoolExecutor(), store.connect(settings.read(env))

    def write(tx):
        [first] = claim_runs(runs.db, tx, [fresh], "a", now_us)
        second = others.submit(Attempts(other).claim, [another], "b", now_us)
        with suppress(TimeoutError):
            second.result(timeout=0.5)  # it waits for what this one writes
        return first, second

    first, second = runs.db.commit(write, timeout_s=5)

    assert (first.id, second.result(timeout=5)) == (fresh, [])
    others.shutdown()
    other.close()


@pytest.mark.parametrize("ahead_us", [2 * HOUR, 10_000 * HOUR])
def test_a_hold_that_began_while_the_clock_was_ahead_ends(runs, ahead_us):
    *failing, fresh = opened(runs, FAILURES + 1)
    failed(runs, failing, a_failure(), NOW + ahead_us)

    limit_waits(runs.db, {TOY: 0}, NOW)

    assert end(runs, fresh, DONE, NOW)
    assert held(runs) is None


def test_a_hold_is_moved_back_with_the_clock_and_what_failed_in_it_is_due_at_its_end(runs):
    runs.lead("us", NOW + HOUR)
    *failing, fresh = opened(runs, FAILURES + 1, NOW + HOUR)
    failed(runs, failing, a_failure(), NOW + HOUR)

    runs.lead("us", NOW)
    assert (held(runs).since_us, held(runs).until_us) == (NOW, NOW + FIRST_WAIT_US)
    limit_waits(runs.db, {TOY: 0}, NOW)
    end(runs, fresh, DONE, NOW + FIRST_WAIT_US)

    assert runs.due("toy", "", NOW + FIRST_WAIT_US, 9) == failing


def test_a_paced_lane_takes_no_turn_before_its_hold_ends(runs):
    down(runs)

    assert take_turn(runs.db, TOY, pace_us=SECOND, ahead_us=3 * SECOND, now_us=NOW) == NOW + FIRST_WAIT_US


def test_a_claim_says_what_its_earlier_failures_met_without_what_did_not_count(runs):
    run, good = opened(runs, 2)

    end(runs, run, a_failure("refused-503", 0))
    end(runs, run, Verdict(state="retrying", result="lost", failure="lease-lost"))
    end(runs, run, a_failure("refused-401", 0))
    end(runs, run, replace(PAUSE, failure="refused-401"))
    runs.db.commit(lambda tx: tx.execute("DELETE FROM pauses"))

    assert claim(runs, run, "us", NOW).failed_with == ("refused-401", "refused-503")
    assert claim(runs, good, "us", NOW).failed_with == ()
