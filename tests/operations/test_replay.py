"""What is opened again, on both databases."""

from receiver import queue, settings
from receiver.dispatch import Dispatcher
from receiver.operations import replay, select
from receiver.registry import activate, load
from tests.support.processes import start_redis
from tests.support.story import ON
from tests.support.tools import claim


def test_what_failed_is_replayed_and_nothing_else(story):
    looked = story.cli("replay", "--state", "dead", "--dry-run", "--json")
    before = story.states()
    done = story.cli("replay", "--state", "dead", "--json")

    assert before == {"a": "dead", "b": "succeeded", "c": "pending", "d": "dead", "came-before-slack-was-on": None}
    assert (looked["runs"], looked["total"], done["total"]) == (done["runs"], 2, 2)
    assert story.states() == before | {"a": "pending", "d": "pending"}
    assert [row["action"] for row in story.db.read("SELECT action FROM audit")] == ["replay"]


def test_a_delivery_that_came_before_its_handler_was_on_gets_its_run(story):
    story.cli("replay", "--handler", "slack.post", "--since", "30m")

    assert story.states()["came-before-slack-was-on"] == "pending"


def test_one_delivery_is_replayed_by_its_id(story):
    assert "1" in story.cli("replay", "a")
    assert [key for key, state in story.states().items() if state == "pending"] == ["a", "c"]


def test_what_succeeded_is_repeated_only_when_that_is_said_twice(story):
    assert "--again" in story.cli("replay", "--state", "succeeded", code=2)
    assert "--yes" in story.cli("replay", "b", "--again", code=2)
    assert story.states()["b"] == "succeeded"

    story.cli("replay", "b", "--again", "--yes")

    assert story.states()["b"] == "pending"


def test_a_replayed_run_is_attempted_again_with_its_history_and_the_whole_schedule(story, tmp_path):
    redis = start_redis(tmp_path / "redis.sock")
    try:
        story.cli("replay", "a")
        handlers = activate(load("handlers"), story.env)
        Dispatcher(story.runs.backlog, queue.RunQueue(queue.connect(settings.read(story.env))), handlers, "us").tick()
        [row] = story.db.read("SELECT r.id FROM runs AS r JOIN deliveries AS d ON d.id = delivery_id WHERE key = 'a'")
        claimed = claim(story.runs, row["id"], "me", story.db.now_us())
    finally:
        redis.kill()
        redis.wait()

    assert (claimed.attempt, claimed.failures) == (2, 0)  # so that the handler asks first, and has a day of retries


def test_what_was_cancelled_is_replayed_only_where_it_is_meant(story):
    story.cli("cancel", "a", "d", "--yes")
    story.cli("replay", "--handler", "slack.post", "--since", "1d")
    assert (story.states()["a"], story.states()["d"]) == ("skipped", "skipped")

    story.cli("replay", "a")
    story.cli("replay", "--state", "skipped", "--event", "lead.created")

    assert (story.states()["a"], story.states()["d"]) == ("pending", "pending")


def test_many_are_replayed_in_batches(story):
    activations = activate(load("handlers"), ON)

    replayed = replay(story.db, activations, select(story.db, handler="slack.post"), at_once=2)

    assert [(opened.lane.handler, opened.was, opened.runs) for opened in replayed.runs] == [
        ("slack.post", "dead, opened again", 2), ("slack.post", "new, opened", 1),
    ]  # fmt: skip


def test_in_a_shell_without_the_receivers_variables_nothing_new_is_opened(story):
    story.env = {name: value for name, value in story.env.items() if name not in ON}

    story.cli("replay", "--since", "1d")

    assert story.db.read("SELECT count(*) AS n FROM runs WHERE handler = 'console.show'")[0]["n"] == 0
