"""Where runs go under the variables that are set now, and why others stay."""

import json

from receiver.toolkit.forwarding import short
from tests.support.cli import receiver
from tests.support.story import ON


def test_what_belongs_to_a_handler_that_is_off_stays_and_is_named(story):
    story.env = {name: value for name, value in story.env.items() if name not in ON}
    before = story.states()

    said = story.cli("replay", "--since", "1d", "--again", "--yes")
    told = story.cli("replay", "--state", "dead", "--json")

    assert "2 dead at slack.post left alone: it is off." in said
    assert (told["total"], [(one["state"], one["runs"]) for one in told["left"]]) == (0, [("dead", 2)])
    assert story.states() == before


def test_what_was_cancelled_and_is_named_while_its_handler_is_off_is_told(story):
    story.cli("cancel", "a", "--yes")
    story.env = {name: value for name, value in story.env.items() if name not in ON}

    assert "1 skipped at slack.post left alone: it is off." in story.cli("replay", "a")


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
