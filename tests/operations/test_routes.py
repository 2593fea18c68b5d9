"""Where runs go under the variables that are set now, and why others stay."""

import json

import pytest

from receiver.events import LeadCreated
from receiver.operations.routes import Routes
from receiver.registry import Lane, activate, all_of
from receiver.toolkit.forwarding import short
from tests.support.cli import receiver
from tests.support.handlers import a_handler
from tests.support.story import ON

ON_THERE = json.dumps({"slack.post": "on", "forward.forward": "on (e0324d25)"})


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
    with story.runs.leading("a-worker", ON_THERE):
        said = story.cli("replay", "--handler", "forward.forward", "--yes", "--again", code=2)

    assert "forward.forward is off with these variables: set FORWARD_URL. The worker that runs has other" in said
    assert "(forward.forward is on (e0324d25) there and off here): set the same for this command." in said


def test_a_replay_says_that_the_worker_has_other_variables(story):
    with story.runs.leading("a-worker", ON_THERE):
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


FORWARD = a_handler(name="fw.forward", needs=all_of("URL"), targets=lambda settings: {"a": settings, "b": settings})
CONSOLE = a_handler(name="console.show", needs=None)
LEADS = a_handler(name="crm.keep", needs=all_of("URL"), events=(LeadCreated,))


def routes(named="", **env):
    return Routes(activate({handler.name: handler for handler in (FORWARD, CONSOLE, LEADS)}, env), named)


@pytest.mark.parametrize(
    ("given", "source", "event", "lanes"),
    [
        (routes(URL="u"), "", "call.completed", [Lane("", "fw.forward", "a"), Lane("", "fw.forward", "b")]),
        (routes(URL="u"), "bakery", "call.completed", []),
        (routes(), "", "call.completed", []),  # the console gets only what it is named for
        (routes("console.show"), "", "call.completed", [Lane("", "console.show", "")]),
        (routes(URL="u"), "", "lead.created", [Lane("", "crm.keep", "")]),
    ],
)
def test_an_event_goes_to_the_lanes_of_its_source_that_take_it(given, source, event, lanes):
    assert given.lanes_for(source, event) == lanes


@pytest.mark.parametrize(
    ("given", "lane", "why"),
    [
        (routes(), Lane("", "acme.keep", ""), "there is no such handler any more"),
        (routes(), Lane("", "crm.keep", ""), "it is off"),
        (routes(URL="u"), Lane("", "fw.forward", "gone"), "that URL is no longer set"),
    ],
)
def test_why_a_run_is_left_alone_is_said(given, lane, why):
    assert given.why_left(lane).startswith(why)
