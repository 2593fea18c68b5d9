"""What /readyz lists of destinations, for anybody to read."""

import json

from receiver.operations import degraded
from receiver.operations.pauses import pause_lanes
from receiver.registry import Lane
from receiver.store import HANDLERS, NOTE


def listed(db):
    return degraded(db, lambda: "")


def test_a_destination_that_is_paused_is_listed_without_what_somebody_typed(story):
    pause_lanes(story.db, [Lane("", "slack.post", ""), Lane("", "email.send", "ana@acme.example")], "Ana asked for it")

    sentence = listed(story.db)["destinations"]
    assert [part.partition(" since ")[0] for part in sentence.rstrip(".").split("UTC. ")] == [
        "email.send …@acme.example is paused", "slack.post is paused",
    ]  # fmt: skip
    assert "Ana" not in sentence


def test_dead_letters_are_listed_by_destination(story):
    assert listed(story.db)["dead letters"] == "Not delivered, and not tried again by themselves: slack.post 2."


def test_dead_letters_of_what_is_off_are_over(story):
    story.db.commit(lambda tx: tx.execute(NOTE, (HANDLERS, json.dumps({"hubspot.keep_call": "on"}), 1)))

    assert "dead letters" not in listed(story.db)


def test_where_all_is_well_nothing_is_listed(db):
    assert listed(db) == {}


def test_nothing_tells_which_businesses_there_are(story):
    pause_lanes(story.db, [Lane("", "slack.post", ""), Lane("acme", "slack.post", ""), Lane("bolt", "x.y", "")], "x")
    story.db.commit(lambda tx: tx.execute("UPDATE runs SET source = 'acme' WHERE state = 'dead' AND id % 2 = 0"))

    listing = listed(story.db)

    assert "acme" not in str(listing)
    assert listing["destinations"].endswith("paused or do not answer: 2; `receiver doctor` names them.")
    assert "of other businesses" in listing["dead letters"]
