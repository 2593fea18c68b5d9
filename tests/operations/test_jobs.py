"""What is done with many runs at a time, on both databases: previewed, begun, stopped, continued; nothing twice."""

import json

import pytest

from receiver.errors import NotFound
from receiver.inbox import Inbox, Verdict
from receiver.operations import (
    Actor,
    Selection,
    WorkOnJobs,
    advance,
    drop,
    go_on,
    job,
    jobs,
    make_cancel,
    make_replay,
    make_resume,
    note_late_ends,
    pause_lanes,
    paused,
    start,
    stop,
    windows,
)
from receiver.operations.working import NEXT, Opening
from receiver.registry import Lane, activate, load
from tests.support.deliveries import a_delivery
from tests.support.runs import Runs
from tests.support.tools import claim, finish

ZAPIER = {"ZAPIER_WEBHOOK_URL": "https://hooks.zapier.com/hooks/catch/1/abc"}
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "C1"}
LANE = Lane("", "slack.post", "")
DONE = Verdict(state="succeeded", result="succeeded", detail="ok")
REFUSED = Verdict(state="dead", result="gave-up", detail="it answered 422", failure="refused-422", failed=True)
TIMED_OUT = Verdict(state="dead", result="retry", detail="no answer in time", failure="timeout", failed=True)
ANA = Actor(who="Ana", address="203.0.113.7", session=1)
DEAD = Selection(state="dead")


class Desk:
    """An inbox with twelve deliveries that have failed at Slack, with what a worker would do to them."""

    def __init__(self, db, number=12, verdict=REFUSED, handler="slack.post"):
        self.db, self.runs = db, Runs(db)
        self.activations = activate(load("handlers"), SLACK | ZAPIER)
        self.windows = windows(self.activations)
        for n in range(number):
            self.fail(f"d-{n:02}", verdict, handler)

    def fail(self, key, verdict=REFUSED, handler="slack.post"):
        Inbox(self.db).keep(a_delivery(key=key, call_id=f"call-{key}"))
        [delivery] = self.runs.undispatched(1)
        self.runs.open([(delivery, handler, "")], [delivery["id"]], 1)
        self.end(self.db.read("SELECT max(id) AS id FROM runs")[0]["id"], verdict)

    def end(self, run, verdict=DONE):
        finish(self.runs, claim(self.runs, run, "me", self.db.now_us()), "me", verdict, self.db.now_us())

    def lead(self):
        self.runs.lead("a-worker", self.db.now_us())

    def work(self, number):
        while advance(self.db, number, self.windows, at_once=5):
            pass
        return job(self.db, number)

    def waiting(self):
        return [row["id"] for row in self.db.read("SELECT id FROM runs WHERE state = 'pending' ORDER BY id")]

    def attempt_all(self, verdict=DONE):
        waiting = self.waiting()
        for run in waiting:
            self.end(run, verdict)
        return len(waiting)

    def states(self):
        rows = self.db.read("SELECT state, count(*) AS n FROM runs GROUP BY state")
        return {row["state"]: row["n"] for row in rows}

    def rows_of_runs(self):
        """All there is to know of each run."""
        return [dict(row) for row in self.db.read("SELECT * FROM runs ORDER BY id")]

    def actions(self):
        return [row["action"] for row in self.db.read("SELECT action FROM audit ORDER BY id")]


@pytest.fixture
def desk(db):
    return Desk(db)


def test_a_job_shows_what_it_would_do_by_destination_and_changes_nothing_before(desk):
    before = desk.rows_of_runs()

    shown = make_replay(desk.db, desk.activations, DEAD)

    assert (shown.state, shown.total, shown.of_lane(LANE)) == ("ready", 12, 12)
    assert [(count.lane, count.was, count.how, count.twice) for count in shown.counts] == [
        (LANE, "dead", "again", False)
    ]
    assert (desk.rows_of_runs(), desk.actions()) == (before, [])


def test_of_those_that_cannot_be_asked_it_says_which_may_arrive_twice(db):
    desk = Desk(db, 2, REFUSED, "zapier.forward")
    desk.fail("timed-out", TIMED_OUT, "zapier.forward")
    desk.fail("at-slack", TIMED_OUT)

    shown = make_replay(db, desk.activations, DEAD)

    assert {(count.lane.handler, count.twice): count.runs for count in shown.counts} == {
        ("zapier.forward", False): 2, ("zapier.forward", True): 1, ("slack.post", False): 1,
    }  # fmt: skip


def test_what_somebody_cancelled_is_left_alone_and_that_is_shown(desk):
    start(desk.db, make_cancel(desk.db, Selection(event="call.completed", upper_id=2), "called back").id)
    desk.work(1)

    shown = make_replay(desk.db, desk.activations, Selection(handler="slack.post"))

    assert (shown.total, shown.runs(meant=False)) == (10, 2)
    assert [count.why for count in shown.counts if not count.is_meant] == ["cancelled by hand"]


def test_the_sums_at_the_end_agree_with_what_was_shown(desk):
    shown = make_replay(desk.db, desk.activations, DEAD, by=ANA)
    start(desk.db, shown.id, seen=12, by=ANA)
    desk.work(shown.id)
    runs = desk.waiting()
    verdicts = [DONE] * 8 + [REFUSED] * 2 + [Verdict(state="retrying", result="retry", failed=True, delay_us=10**9)] * 2
    for run, verdict in zip(runs, verdicts, strict=True):
        desk.end(run, verdict)

    done = desk.work(shown.id)

    assert (done.state, done.total) == ("done", 12)
    assert [done.runs(state) for state in ("arrived", "failed", "waits", "left")] == [8, 2, 2, 0]
    [note] = desk.db.read("SELECT action, detail, who FROM audit")
    assert (note["action"], note["who"], json.loads(note["detail"])) == (
        "replay", "Ana", {"keys": [], "state": "dead", "again": False, "job": shown.id, "runs": 12},
    )  # fmt: skip


def test_what_waited_at_the_end_is_counted_where_it_arrives_later(db):
    desk = Desk(db, 3)
    number = start(desk.db, make_replay(desk.db, desk.activations, DEAD).id).id
    desk.lead()
    while desk.work(number).state == "running":
        desk.attempt_all(Verdict(state="retrying", result="retry", failed=True))
    for row in desk.db.read("SELECT id FROM runs WHERE state = 'retrying'"):
        desk.end(row["id"])

    note_late_ends(desk.db)

    assert (job(desk.db, number).state, job(desk.db, number).runs("arrived")) == ("done", 3)


def test_where_it_changed_meanwhile_nothing_is_done_and_the_difference_is_shown(desk):
    shown = make_replay(desk.db, desk.activations, DEAD)
    desk.db.commit(lambda tx: tx.execute("UPDATE runs SET state = 'succeeded' WHERE id < 4"))
    before = desk.rows_of_runs()

    refused = start(desk.db, shown.id, seen=12)

    assert (refused.state, refused.runs("planned"), refused.runs("left")) == ("ready", 9, 3)
    assert (desk.rows_of_runs(), desk.actions()) == (before, [])
    assert start(desk.db, shown.id, seen=9).state == "running"


def test_what_fails_after_the_preview_is_not_in_it(desk):
    shown = make_replay(desk.db, desk.activations, DEAD)
    desk.fail("later")

    start(desk.db, shown.id, seen=12)
    desk.work(shown.id)

    assert (len(desk.waiting()), desk.states()["dead"]) == (12, 1)


def test_begun_twice_it_is_done_once(desk):
    number = make_replay(desk.db, desk.activations, DEAD).id

    for _ in range(2):
        start(desk.db, number, seen=12)
        desk.work(number)
        desk.attempt_all()
    desk.work(number)

    attempts = desk.db.read("SELECT count(*) AS n FROM attempts")[0]["n"]
    assert (attempts, desk.actions()) == (24, ["replay"])


def test_it_opens_no_more_at_a_time_than_a_destination_takes_so_that_what_is_new_is_not_far_behind(desk):
    desk.lead()
    number = start(desk.db, make_replay(desk.db, desk.activations, DEAD).id).id

    desk.work(number)
    opened = desk.waiting()
    desk.end(opened[0])
    desk.work(number)

    assert len(opened) == desk.windows[LANE] < 12
    assert len(desk.waiting()) == len(opened)


@pytest.mark.parametrize("led", [True, False])
def test_stopped_at_half_the_rest_is_as_before_and_continued_each_is_done_once(desk, led):
    before = {row["id"]: row for row in desk.rows_of_runs()}
    if led:
        desk.lead()
    number = start(desk.db, make_replay(desk.db, desk.activations, DEAD).id).id
    desk.work(number)
    begun = desk.waiting()[:2]
    for run in begun:
        desk.end(run)

    stopped = stop(desk.db, number, by=ANA)
    after = desk.rows_of_runs()
    at_rest = advance(desk.db, number, desk.windows)
    go_on(desk.db, number)
    while desk.work(number).state == "running":
        desk.attempt_all()

    assert stopped.state == "stopped"
    assert [row for row in after if row["id"] not in begun] == [before[r] for r in before if r not in begun]
    assert (at_rest, desk.states()) == (True, {"succeeded": 12})  # what had ended was noted, and nothing opened
    assert {row["n"] for row in desk.db.read("SELECT count(*) AS n FROM attempts GROUP BY run_id")} == {2}
    assert desk.actions() == ["replay", "stop", "go on"]


def test_a_run_that_came_before_its_destination_was_on_is_taken_back_when_the_job_is_stopped(db):
    desk = Desk(db, 0)
    Inbox(db).keep(a_delivery(key="early"))
    [delivery] = desk.runs.undispatched(1)
    desk.runs.open([], [delivery["id"]], 1)
    number = start(db, make_replay(db, desk.activations, Selection(handler="slack.post")).id).id
    desk.work(number)
    opened = len(desk.waiting())

    stopped = stop(db, number)

    assert (opened, desk.waiting(), stopped.runs("planned")) == (1, [], 1)
    go_on(db, number)
    desk.work(number)
    desk.attempt_all()
    assert (desk.work(number).runs("arrived"), desk.states()) == (1, {"succeeded": 1})


def test_what_waits_for_a_pause_keeps_no_job_from_its_end(desk):
    pause_lanes(desk.db, [LANE], "token revoked")
    desk.lead()

    number = start(desk.db, make_replay(desk.db, desk.activations, DEAD).id).id
    done = desk.work(number)

    assert (done.state, done.runs("opened"), len(desk.waiting())) == ("done", 12, 12)


def test_a_pause_is_ended_by_a_job_once_with_a_note(desk):
    pause_lanes(desk.db, [LANE], "token revoked")
    number = make_resume(desk.db, LANE, by=ANA).id
    before = paused(desk.db)

    done = [start(desk.db, number).state for _ in range(2)]

    assert ([pause.reason for pause in before], paused(desk.db), done) == (["token revoked"], [], ["done", "done"])
    assert desk.actions() == ["pause", "resume"]


def test_the_worker_counts_on_where_there_is_much_and_does_what_was_begun(desk):
    counting = make_replay(desk.db, desk.activations, DEAD, at_most=3, at_once=2)
    desk.fail("after-it-was-chosen")
    WorkOnJobs(desk.db, desk.activations, sleep=lambda _: None)()
    counted = job(desk.db, counting.id)
    start(desk.db, counting.id, seen=12)
    cancelling = start(desk.db, make_cancel(desk.db, Selection(handler="slack.post", upper_id=3), "by hand").id)
    WorkOnJobs(desk.db, desk.activations, sleep=lambda _: None)()

    assert (counting.state, 0 < counting.total < 12) == ("counting", True)
    assert (counted.state, counted.total) == ("ready", 12)
    done = job(desk.db, cancelling.id)
    assert (done.state, done.runs("ended")) == ("done", 3)


def test_two_that_work_on_a_job_beside_each_other_open_each_run_once(desk):
    number = start(desk.db, make_replay(desk.db, desk.activations, DEAD).id).id
    rows = desk.db.read(NEXT, (number, *LANE, 4))
    opening = Opening(number, rows, "", desk.db.now_us())
    desk.db.commit(opening)
    desk.end(desk.waiting()[0], REFUSED)

    desk.db.commit(opening)  # whoever read the same rows, or repeats it as no answer came

    assert (len(desk.waiting()), desk.states()) == (3, {"dead": 9, "pending": 3})


def test_a_job_that_nobody_began_is_forgotten(desk):
    number = make_replay(desk.db, desk.activations, DEAD).id

    drop(desk.db, number)

    with pytest.raises(NotFound):
        job(desk.db, number)
    assert desk.db.read("SELECT * FROM job_runs") == [] == jobs(desk.db)


def test_it_is_chosen_by_what_was_met(desk):
    desk.fail("late", TIMED_OUT)

    by_slug = make_replay(desk.db, desk.activations, Selection(state="dead", error="refused-422"))
    by_words = make_replay(desk.db, desk.activations, Selection(handler="slack.post", error="No Answer in"))
    nothing = make_replay(desk.db, desk.activations, Selection(handler="slack.post", error="100%"))

    assert [one.total for one in (by_slug, by_words, nothing)] == [12, 1, 0]
