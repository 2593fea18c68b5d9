"""What a person types, and what is meant by it."""

import pytest


def test_a_delivery_is_found_by_the_beginning_of_its_id_and_named_when_missing(story):
    assert "came-before-slack-was-on" in story.cli("show", "came-be")
    assert "no delivery" in story.cli("show", "nobody", code=1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["replay"], "what to replay"),
        (["replay", "--since", "yesterday"], "is not a time"),
        (["replay", "--handler", "slack"], "slack.post"),
        (["replay", "--handler", "hubspot.keep_contact"], "HUBSPOT_ACCESS_TOKEN"),
        (["deliveries", "--state", "failed"], "dead"),
        (["pause", "slack"], "slack.post"),
        (["cancel"], "what to cancel"),
        (["cancel", "--state", "dead"], "--yes"),
        (["cancel", "--state", "succeeded", "--yes"], "only what waits"),
        (["cancel", "--since", "yesterday", "--yes"], "is not a time"),
    ],
)
def test_a_mistake_is_told_in_a_sentence_and_changes_nothing(story, arguments, says):
    before = story.states()

    assert says in story.cli(*arguments, code=2)
    assert story.states() == before


@pytest.mark.parametrize("command", ["cancel", "replay"])
def test_the_beginning_of_several_ids_means_none_of_them(story, command):
    story.keep("came-later")

    assert "came-before-slack-was-on, came-later" in story.cli(command, "came", code=2)
    assert [line for line in story.cli("show", "came").splitlines() if line.startswith("delivery ")] == [
        "delivery  came-before-slack-was-on",
        "delivery  came-later",
    ]
