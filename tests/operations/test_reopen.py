"""What becomes of a run whose URL is not set any more."""

import pytest

from receiver.toolkit.forwarding import short
from tests.support.forwards import NEW, OLD, OTHER, forwards, given_forwards
from tests.support.story import DEAD, DONE


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


@pytest.mark.parametrize("former", [(OLD, OTHER), (OTHER, OLD)])
def test_of_two_urls_that_were_taken_away_the_present_one_takes_the_place_of_the_first(story, former):
    given_forwards(story, *former, verdict=DEAD)
    story.env |= {"FORWARD_URL": NEW}

    done = story.cli("replay", "a", "--handler", "forward.forward", "--json")

    first, second = map(short, former)
    assert sorted(forwards(story)) == sorted([(first, "skipped"), (second, "dead"), (short(NEW), "pending")])
    assert [one["target"] for one in done["left"]] == [second]
