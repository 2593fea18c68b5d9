"""What was paused under other settings is tried by one run, on both databases."""

import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox, Verdict, holds, try_changed
from receiver.operations import held, pause_lanes, paused
from receiver.registry import Lane, settings_mark
from tests.support.runs import Runs
from tests.support.tools import claim, finish

LANE = Lane("", "slack.post", "")
OLD, NEW = (settings_mark({"SLACK_BOT_TOKEN": token}, "inbox") for token in ("xoxb-1", "xoxb-2"))
DONE = Verdict(state="succeeded", result="succeeded", detail="ok")


def refused(mark):
    return Verdict(
        state="retrying", result="pause", detail="token revoked", failure="refused-401", pause=True, settings_mark=mark
    )


@pytest.fixture
def runs(db):
    """Three runs, of which the first was refused: the lane is paused."""
    runs = Runs(db)
    for key in "abc":
        Inbox(db).keep(Delivery(key=key, event="call.completed", body=b"{}", received_us=1))
    runs.open([(row, "slack.post", "") for row in runs.undispatched(3)], [1, 2, 3], 0)
    finish(runs, claim(runs, 1, "me", db.now_us()), "me", refused(OLD), db.now_us())
    return runs


def claimed(runs):
    return [run for run in (1, 2, 3) if claim(runs, run, "me", runs.db.now_us())]


def test_under_the_same_settings_it_stays_paused(db, runs):
    assert try_changed(db, {LANE: OLD}) == []
    assert try_changed(db, {}) == []  # it is off here
    assert ([pause.lane for pause in paused(db)], claimed(runs)) == ([LANE], [])


def test_under_others_one_run_tries_it_and_its_success_lets_all_go_on(db, runs):
    assert try_changed(db, {LANE: NEW}) == [LANE]
    [shown] = held(db)
    first = claim(runs, 1, "me", db.now_us())
    beside = [claim(runs, run, "me", db.now_us()) for run in (2, 3)]
    finish(runs, first, "me", DONE, db.now_us())

    assert (paused(db), beside, holds(db)) == ([], [None, None], {})
    assert "variables have changed" in shown.sentence
    assert claimed(runs) == [2, 3]


def test_refused_again_it_is_paused_under_these_and_not_tried_again_before_they_change(db, runs):
    try_changed(db, {LANE: NEW})
    finish(runs, claim(runs, 1, "me", db.now_us()), "me", refused(NEW), db.now_us())

    again = try_changed(db, {LANE: NEW})

    assert (again, [pause.lane for pause in paused(db)], holds(db), claimed(runs)) == ([], [LANE], {}, [])
    assert try_changed(db, {LANE: OLD}) == [LANE]


def test_a_pause_by_hand_stays(db, runs):
    db.commit(lambda tx: tx.execute("DELETE FROM pauses"))
    pause_lanes(db, [LANE], "we are moving")

    assert try_changed(db, {LANE: NEW}) == []
    assert [pause.reason for pause in paused(db)] == ["we are moving"]


def test_a_mark_differs_with_a_setting_and_with_the_inbox_and_holds_nothing_of_either():
    marks = {settings_mark({"TOKEN": token}, inbox) for token in ("secret-1", "secret-2") for inbox in ("a", "b")}

    assert len(marks) == 4
    assert settings_mark({"A": "1", "B": "2"}, "a") == settings_mark({"B": "2", "A": "1"}, "a")
    assert {len(mark) for mark in marks} == {8}
