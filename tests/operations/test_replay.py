"""What is opened again, on both databases."""

import json

import pytest

from receiver import queue, settings
from receiver.dispatch import Dispatcher
from receiver.operations import replay, select
from receiver.registry import activate, load
from receiver.toolkit.forwarding import short
from tests.support.cli import receiver
from tests.support.processes import start_redis
from tests.support.story import DEAD, DONE, ON
from tests.support.tools import claim, finish

OLD, NEW, OTHER = (f"https://crm.example.com/{name}" for name in ("old", "new", "other"))


def forwards(story):
    sql = "SELECT target, state FROM runs WHERE handler = 'forward.forward' ORDER BY id"
    return [(row["target"], row["state"]) for row in story.db.read(sql)]


def given_forwards(story, *urls, verdict):
    """Delivery a at each of these URLs, where it ended so, or waits."""
    [delivery] = story.db.read("SELECT * FROM deliveries WHERE key = 'a'")
    story.runs.open([(delivery, "forward.forward", short(url)) for url in urls], [delivery["id"]], 1)
    for row in story.db.read("SELECT id FROM runs WHERE handler = 'forward.forward'") if verdict else []:
        finish(story.runs, claim(story.runs, row["id"], "me", 2), "me", verdict, 3)


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


def test_what_belongs_to_a_handler_that_is_off_stays_and_is_named(story):
    story.env = {name: value for name, value in story.env.items() if name not in ON}
    before = story.states()

    said = story.cli("replay", "--since", "1d", "--again", "--yes")
    told = story.cli("replay", "--state", "dead", "--json")

    assert "2 dead at slack.post left alone: it is off." in said
    assert (told["total"], [(one["state"], one["runs"]) for one in told["left"]]) == (0, [("dead", 2)])
    assert story.states() == before


@pytest.mark.parametrize(("verdict", "state"), [(DEAD, "dead"), (None, "pending")])
def test_what_was_meant_for_a_url_that_was_replaced_goes_to_the_present_one_once(story, verdict, state):
    given_forwards(story, OLD, verdict=verdict)
    story.env |= {"FORWARD_URL": NEW}
    asked = ["replay", "--handler", "forward.forward", "--state", state, "--json"]

    looked = story.cli(*asked, "--dry-run")
    untouched = forwards(story)
    done, twice = story.cli(*asked), story.cli(*asked)

    assert untouched == [(short(OLD), state)]
    assert forwards(story) == [(short(OLD), "skipped"), (short(NEW), "pending")]
    assert looked["runs"] == done["runs"]
    [run] = done["runs"]
    assert (run["target"], run["was"], run["runs"]) == (short(NEW), f"{state} at another URL, opened", 1)
    assert (twice["total"], twice["left"]) == (0, [])


@pytest.mark.parametrize("at", [[], ["--target", short(NEW)]])
def test_what_was_cancelled_does_not_go_to_a_url_that_replaced_its_own_unless_it_is_named(story, at):
    given_forwards(story, OLD, verdict=DEAD)
    story.cli("cancel", "--handler", "forward.forward", "--yes")
    story.env |= {"FORWARD_URL": NEW}

    story.cli("replay", "--handler", "forward.forward", "--until", "200m")
    before = forwards(story)
    story.cli("replay", "a", "--handler", "forward.forward", *at)

    assert before == [(short(OLD), "skipped")]
    assert forwards(story) == [(short(OLD), "skipped"), (short(NEW), "pending")]


def test_what_was_cancelled_at_one_url_still_goes_to_another_that_was_added(story):
    given_forwards(story, OLD, verdict=DEAD)
    story.cli("cancel", "--handler", "forward.forward", "--yes")
    story.env |= {"FORWARD_URL": f"{OLD} {NEW}"}

    story.cli("replay", "--handler", "forward.forward", "--until", "200m")

    assert forwards(story) == [(short(OLD), "skipped"), (short(NEW), "pending")]


def test_what_was_cancelled_and_is_named_while_its_handler_is_off_is_told(story):
    story.cli("cancel", "a", "--yes")
    story.env = {name: value for name, value in story.env.items() if name not in ON}

    assert "1 skipped at slack.post left alone: it is off." in story.cli("replay", "a")


def test_a_url_that_was_taken_away_leaves_its_dead_letters_as_they_are(story):
    given_forwards(story, OLD, OTHER, verdict=DEAD)
    story.env |= {"FORWARD_URL": OTHER}

    done = story.cli("replay", "--handler", "forward.forward", "--state", "dead", "--json")

    assert forwards(story) == [(short(OLD), "dead"), (short(OTHER), "pending")]
    assert [(one["target"], one["runs"]) for one in done["left"]] == [(short(OLD), 1)]


def test_without_a_state_too_it_is_brought_to_the_present_url_once_and_not_named_again(story):
    given_forwards(story, OLD, verdict=DEAD)
    story.env |= {"FORWARD_URL": NEW}
    asked = ["replay", "a", "--handler", "forward.forward", "--json"]

    done, twice = story.cli(*asked), story.cli(*asked)

    assert (done["total"], twice["total"], twice["left"]) == (1, 0, [])


def test_by_its_old_target_only_that_is_moved_and_no_other_delivery_is_sent(story):
    given_forwards(story, OLD, verdict=DEAD)
    story.env |= {"FORWARD_URL": NEW}

    done = story.cli("replay", "--handler", "forward.forward", "--target", short(OLD), "--json")

    assert done["total"] == 1
    assert forwards(story) == [(short(OLD), "skipped"), (short(NEW), "pending")]


@pytest.mark.parametrize("narrowed", [["--state", "succeeded"], ["--target", short(OLD)]])
def test_what_succeeded_at_a_url_that_was_replaced_stays_on_record_when_it_is_repeated(story, narrowed):
    given_forwards(story, OLD, verdict=DONE)
    story.env |= {"FORWARD_URL": NEW}

    done = story.cli("replay", "--handler", "forward.forward", *narrowed, "--again", "--yes", "--json")

    assert done["total"] == 1
    assert forwards(story) == [(short(OLD), "succeeded"), (short(NEW), "pending")]


def test_a_command_with_other_variables_than_the_worker_says_so_and_opens_nothing(story):
    story.runs.lead("a-worker", story.db.now_us(), json.dumps({"slack.post": "on", "forward.forward": "on (e0324d25)"}))

    said = story.cli("replay", "--handler", "forward.forward", "--yes", "--again", code=2)

    assert "forward.forward is off with these variables: set FORWARD_URL. The worker that runs has other" in said
    assert "(forward.forward is on (e0324d25) there and off here): set the same for this command." in said


def test_a_replay_says_that_the_worker_has_other_variables(story):
    story.runs.lead("a-worker", story.db.now_us(), json.dumps({"slack.post": "on", "forward.forward": "on (e0324d25)"}))

    ran = receiver("replay", "--state", "dead", "--dry-run", **story.env)

    assert (ran.returncode, "slack.post" in ran.stdout) == (0, True)
    assert "forward.forward is on (e0324d25) there and off here" in ran.stderr


def test_a_target_that_nobody_knows_is_refused(story):
    story.env |= {"FORWARD_URL": "https://a.example/hook"}

    said = story.cli("replay", "--handler", "forward.forward", "--target", "e0324d25", code=2)

    assert "Nothing was ever meant for a target e0324d25" in said


def test_a_target_that_is_set_may_be_named_before_anything_was_meant_for_it(story):
    story.env |= {"FORWARD_URL": "https://a.example/hook"}

    target = short("https://a.example/hook")
    said = story.cli("replay", "--handler", "forward.forward", "--target", target, "--dry-run", "--json")

    assert [(one["target"], one["was"]) for one in said["runs"]] == [(target, "new, opened")]
