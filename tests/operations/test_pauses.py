"""A lane that waits until somebody resumes it."""

import re

import pytest

from receiver.errors import NotFound
from receiver.operations import pause, paused
from receiver.registry import Activation
from tests.support.handlers import a_handler


def test_a_pause_is_made_listed_and_ended(story):
    assert "paused by hand" in story.cli("pause", "slack.post")
    [paused] = story.cli("pause", "--json")["paused"]
    assert (paused["handler"], paused["reason"]) == ("slack.post", "paused by hand")
    assert "is paused" in story.cli("replay", "a")
    assert story.cli("resume", "slack.post", "--json")["resumed"] == [{"handler": "slack.post", "target": ""}]
    assert "Nothing is paused" in story.cli("pause")
    actions = [row["action"] for row in story.db.read("SELECT action FROM audit ORDER BY id")]
    assert actions == ["pause", "replay", "resume"]


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("nowhere", "slack.post has no target nowhere. It has one only, without a name."),
        ("north", "slack.post has no target north, which is a business: --source north"),
    ],
)
def test_a_target_that_there_is_not_is_paused_nowhere(story, target, says):
    on = [
        Activation(handler=a_handler(name="slack.post"), state="on", source=source, targets={"": {}})
        for source in ("", "north")
    ]

    with pytest.raises(NotFound, match=re.escape(says)):
        pause(story.db, on, "slack.post", target, reason="a test")

    assert paused(story.db) == []


def test_a_target_that_is_no_longer_set_can_be_paused_while_something_waits_there(story):
    [waiting] = [
        row for row in story.db.read("SELECT id FROM runs WHERE state NOT IN ('succeeded', 'skipped', 'dead') LIMIT 1")
    ]
    story.db.commit(
        lambda tx: tx.execute("UPDATE runs SET handler = 'slack.post', target = 'old' WHERE id = ?", (waiting["id"],))
    )
    on = [Activation(handler=a_handler(name="slack.post"), state="on", source="", targets={"": {}})]

    assert pause(story.db, on, "slack.post", "old", reason="a test") == 1


def test_a_business_that_there_is_not_is_named(story):
    with pytest.raises(NotFound, match="There is no business nroth, or it is disabled"):
        pause(story.db, [], "slack.post", reason="a test", source="nroth")
