"""One delivery never stops a destination: a pause needs evidence that every next call would be refused too."""

import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox, Verdict
from receiver.inbox.pausing import MOMENT_US
from receiver.inbox.schedule import BACKOFF_S
from receiver.operations import resume
from tests.support.runs import Runs
from tests.support.tools import claim, tuples

NOW = 1_000_000_000
DONE = Verdict(state="succeeded", result="succeeded", detail="200")
LATER_US = 2 * BACKOFF_S[0] * 1_000_000


def a_pause(failure="refused-403"):
    return Verdict(state="retrying", result="pause", detail="it answered 403", failure=failure, pause=True)


def a_retry(failure="refused-403"):
    return Verdict(state="retrying", result="retry", detail="it answered 403", failure=failure, failed=True)


@pytest.fixture
def runs(db):
    return Runs(db)


def opened(runs, *keys, target=""):
    """Ids of new runs of the handler `toy`."""
    for key in keys:
        Inbox(runs.db).keep(Delivery(key=key, body=b"{}", event="x", received_us=1))
    waiting = runs.undispatched(100)
    runs.open([(delivery, "toy", target) for delivery in waiting], [delivery["id"] for delivery in waiting], NOW)
    return [row["id"] for row in runs.db.read("SELECT id FROM runs ORDER BY id")][-len(keys) :]


def end(runs, run, verdict, now_us=NOW):
    """The verdict that is written when the run's next attempt ends so."""
    claimed = claim(runs, run, "us", now_us)
    return runs.finish([(claimed, verdict)], "us", now_us)[run]


def pauses(runs):
    return tuples(runs.db.read("SELECT target, reason FROM pauses"))


@pytest.mark.parametrize("failure", ["refused-401", "refused-403", "paused"])
def test_a_run_that_is_refused_while_others_get_through_is_a_dead_letter_alone(runs, failure):
    poison, good = opened(runs, "poison", "good")
    end(runs, poison, a_retry("refused-403"))
    end(runs, good, DONE, NOW + 1)

    written = end(runs, poison, a_pause(failure), NOW + 2)

    assert (written.state, written.pause) == ("dead", False)
    assert pauses(runs) == []
    row = runs.db.read("SELECT state, failures, failure, last_error FROM runs WHERE id = ?", (poison,))
    assert tuples(row) == [
        ("dead", 2, failure, "it answered 403: but others got through, so it is this delivery alone that is refused")
    ]


def test_a_refusal_since_which_nothing_else_got_through_pauses_the_lane(runs):
    refused, good = opened(runs, "refused", "good")
    end(runs, good, DONE, NOW)
    end(runs, refused, a_retry(), NOW + 1)

    assert end(runs, refused, a_pause(), NOW + 2).pause
    assert pauses(runs) == [("", "it answered 403")]


def test_a_first_refusal_pauses_where_nothing_has_got_through_of_late(runs):
    good, refused = opened(runs, "good", "refused")
    end(runs, good, DONE, NOW)

    assert end(runs, refused, a_pause("paused"), NOW + MOMENT_US + 1).pause


def test_a_first_refusal_a_moment_after_another_got_through_is_tried_again_before_it_pauses(runs):
    good, refused, another = opened(runs, "good", "refused", "another")
    end(runs, good, DONE, NOW)

    first = end(runs, refused, a_pause("paused"), NOW + 1)
    assert (first.state, first.failed, first.pause) == ("retrying", True, False)
    assert first.delay_us > 1_000_000
    assert end(runs, refused, a_pause("paused"), NOW + LATER_US).pause
    assert claim(runs, another, "us", NOW + LATER_US) is None


def test_what_gets_through_in_another_lane_is_no_evidence(runs):
    [elsewhere] = opened(runs, "elsewhere", target="b")
    [refused] = opened(runs, "refused")
    end(runs, refused, a_retry())
    end(runs, elsewhere, DONE, NOW + 1)

    assert end(runs, refused, a_pause(), NOW + 2).pause


def test_after_resume_the_run_that_met_the_refusal_lets_others_go_first_and_is_then_a_dead_letter(runs):
    poison, good = opened(runs, "poison", "good")
    assert end(runs, poison, a_pause("paused")).pause

    resume(runs.db, "toy")
    now_us = runs.db.now_us()
    assert runs.due("toy", "", now_us, 9) == [good]
    end(runs, good, DONE, now_us)

    assert end(runs, poison, a_pause("paused"), now_us + LATER_US).state == "dead"
    assert pauses(runs) == []


def test_after_resume_a_run_that_waits_alone_is_due_at_once(runs):
    [refused] = opened(runs, "refused")
    end(runs, refused, a_pause())

    resume(runs.db, "toy")

    assert runs.due("toy", "", runs.db.now_us(), 9) == [refused]
