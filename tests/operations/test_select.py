"""What a person types, and what is meant by it."""

import pytest


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
