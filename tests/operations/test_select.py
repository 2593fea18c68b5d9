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


@pytest.mark.parametrize(
    ("arguments", "total"),
    [
        (["--caller", "+1 555 0100"], 2),
        (["--caller", "+15550100", "--event", "lead.created"], 1),
        (["--error", "no such channel"], 2),
        (["--error", "refused-503"], 0),
        (["--state", "dead", "--error", "NO SUCH", "--limit", "1"], 1),
    ],
)
def test_what_failed_is_chosen_by_who_called_and_by_what_was_met(story, arguments, total):
    assert story.cli("replay", "--state", "dead", *arguments, "--dry-run", "--json")["total"] == total


def test_a_number_that_never_called_selects_nothing(story):
    assert "no call from that number" in story.cli("replay", "--caller", "+15550999", code=1)
    assert "no phone number" in story.cli("replay", "--caller", "Ana", code=2)
