"""What is ended by hand, on both databases."""

from receiver.operations import cancel, make_cancel, select, start
from receiver.registry import Lane
from tests.support.cli import receiver
from tests.support.tools import claim


def test_what_was_seen_to_otherwise_is_cancelled_with_its_reason_and_needs_nobody_any_more(story):
    cancelling = ("cancel", "--state", "dead", "--event", "call.completed", "--reason", "called back")
    looked = story.cli(*cancelling, "--dry-run", "--json")
    before = story.states()
    done = story.cli(*cancelling, "--yes", "--json")

    assert (looked["runs"], looked["total"], done["total"]) == (done["runs"], 1, 1)
    assert (before["a"], story.states()) == ("dead", before | {"a": "skipped"})
    assert "last error  cancelled: called back" in story.cli("show", "a")
    assert [row["action"] for row in story.db.read("SELECT action FROM audit")] == ["cancel"]
    story.cli("cancel", "d", "--yes")
    assert "dead letter" not in receiver("doctor", "--offline", **story.env).stdout


def test_what_waits_is_cancelled_and_never_worked_on_while_what_is_done_or_at_work_stays(story):
    story.cli("replay", "d")
    [row] = story.db.read("SELECT r.id FROM runs AS r JOIN deliveries AS d ON d.id = delivery_id WHERE key = 'd'")
    claim(story.runs, row["id"], "me", story.db.now_us())

    said = story.cli("cancel", "--handler", "slack.post", "--yes")

    assert "1 running just now: left alone" in said
    found = story.states()
    assert found == found | {"a": "skipped", "b": "succeeded", "c": "skipped", "d": "running"}
    assert story.runs.due("slack.post", "", story.db.now_us(), 9) == []


def test_where_nothing_is_to_be_cancelled_it_says_why(story):
    story.keep("not-seen-yet")

    assert "There is no handler acme. There are: console.show" in story.cli("cancel", "--handler", "acme", code=2)
    assert "waits or is dead at slack.post." in story.cli("cancel", "--handler", "hubspot.keep_contact")
    assert "b: slack.post arrived." in story.cli("cancel", "b")
    assert "1 without runs, as no worker has seen them yet" in story.cli("cancel", "not-seen-yet")
    assert story.cli("cancel", "not-seen-yet", "--json")["unseen"] == 1


def test_a_run_that_a_worker_takes_meanwhile_is_not_cancelled(story):
    job = make_cancel(story.db, select(story.db, names=("c",)), "late")
    [run] = story.db.read("SELECT run_id FROM job_runs WHERE job_id = ?", (job.id,))
    claim(story.runs, run["run_id"], "me", story.db.now_us())

    done = start(story.db, job.id)

    assert (done.state, done.runs("ended"), done.runs("left")) == ("done", 0, 1)
    assert story.states()["c"] == "running"


def test_many_are_cancelled_in_batches(story):
    cancelled = cancel(story.db, select(story.db, handler="slack.post"), "all of it", at_once=2)

    lane = Lane("", "slack.post", "")
    assert [(ended.lane, ended.state, ended.runs) for ended in cancelled.runs] == [
        (lane, "dead", 2), (lane, "pending", 1),
    ]  # fmt: skip
