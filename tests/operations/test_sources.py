"""Two businesses whose deliveries have the same key: each is shown, replayed, cancelled and paused by itself."""

import json
from dataclasses import replace as changed

import pytest

from receiver import operations
from receiver.errors import Ambiguous
from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.operations import Selection
from receiver.registry import Lane, activate, load
from tests.support.cli import receiver
from tests.support.tools import tuples

SLACK = "slack.post"
ON = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/x"}


@pytest.fixture
def sources(db):
    """Delivery d-1 of bakery and of garage, each with a dead run; the numbers of the deliveries by source."""
    numbers = {}
    for source in ("bakery", "garage"):
        Inbox(db).keep(Delivery(source=source, key="d-1", event="call.completed", body=b"{}", received_us=1))
        [row] = db.read("SELECT id FROM deliveries WHERE source = ?", (source,))
        numbers[source] = row["id"]
        run = (source, row["id"], SLACK, f"no such channel at {source}")
        db.commit(lambda tx, run=run: tx.execute(
            "INSERT INTO runs (source, delivery_id, handler, last_error, state, next_attempt_us) "
            "VALUES (?, ?, ?, ?, 'dead', 1)", run,
        ))  # fmt: skip
    db.commit(lambda tx: tx.execute("UPDATE deliveries SET dispatched_us = 1"))
    return numbers


@pytest.fixture
def activations():
    """Every handler for both sources; slack.post is on."""
    return [changed(on, source=source) for source in ("bakery", "garage") for on in activate(load("handlers"), ON)]


def states(db):
    return dict(tuples(db.read("SELECT source, state FROM runs ORDER BY source")))


def audit(db):
    return [(row["source"], row["action"], json.loads(row["detail"]).get("runs")) for row in
            db.read("SELECT source, action, detail FROM audit ORDER BY id")]  # fmt: skip


def test_each_is_shown_once_with_its_own_runs(db, env, sources):
    ran = receiver("show", "d-1", "--json", **env)
    text = receiver("show", "d-1", **env).stdout

    shown = json.loads(ran.stdout)["deliveries"]
    assert [(one["source"], one["runs"][0]["last_error"], len(one["runs"])) for one in shown] == [
        ("bakery", "no such channel at bakery", 1),
        ("garage", "no such channel at garage", 1),
    ]
    assert [line for line in text.splitlines() if line.startswith("source")] == [
        "source    bakery", "source    garage",
    ]  # fmt: skip


def test_one_source_is_shown_where_it_is_named(db, env, sources):
    [shown] = json.loads(receiver("show", "d-1", "--source", "garage", "--json", **env).stdout)["deliveries"]

    assert (shown["id"], shown["source"]) == (sources["garage"], "garage")


def test_each_is_listed_with_its_source(db, env, sources):
    page = json.loads(receiver("deliveries", "--json", **env).stdout)
    of_one = json.loads(receiver("deliveries", "--json", "--source", "bakery", "--state", "dead", **env).stdout)

    assert [one["source"] for one in page["deliveries"]] == ["garage", "bakery"]
    assert ([one["source"] for one in of_one["deliveries"]], of_one["total"]) == (["bakery"], 1)
    assert [name in receiver("deliveries", **env).stdout for name in ("[bakery]", "[garage]")] == [True, True]


@pytest.mark.parametrize("command", ["replay", "cancel"])
def test_a_key_that_several_sources_have_changes_none_of_them_unless_one_is_named(db, env, sources, command):
    ran = receiver(command, "d-1", **env)

    assert (ran.returncode, "'bakery', 'garage'" in ran.stderr, "--source" in ran.stderr) == (2, True, True)
    assert states(db) == {"bakery": "dead", "garage": "dead"}


def test_one_is_replayed_and_the_other_stays(db, sources, activations):
    replayed = operations.replay(db, activations, operations.select(db, names=["d-1"], source="garage"))

    assert [(opened.lane, opened.runs) for opened in replayed.runs] == [(Lane("garage", SLACK, ""), 1)]
    assert states(db) == {"bakery": "dead", "garage": "pending"}
    assert audit(db) == [("garage", "replay", 1)]


def test_a_replay_opens_what_is_missing_in_the_lane_of_the_deliverys_own_source(db, sources, activations):
    db.commit(lambda tx: tx.execute("DELETE FROM runs WHERE source = 'garage'"))

    operations.replay(db, activations, Selection(ids=tuple(sources.values())))

    assert tuples(db.read("SELECT source, delivery_id, state FROM runs ORDER BY source")) == [
        ("bakery", sources["bakery"], "pending"),
        ("garage", sources["garage"], "pending"),
    ]
    assert audit(db) == [("bakery", "replay", 1), ("garage", "replay", 1)]


def test_a_handler_that_is_on_for_one_source_works_for_that_one_only(db, sources, activations):
    for_bakery = [on for on in activations if on.source == "bakery"]

    replayed = operations.replay(db, for_bakery, Selection(state="dead"))

    assert states(db) == {"bakery": "pending", "garage": "dead"}
    assert [(left.lane, left.runs) for left in replayed.left] == [(Lane("garage", SLACK, ""), 1)]


def test_one_is_cancelled_and_the_other_stays(db, env, sources):
    ran = receiver("cancel", "d-1", "--source", "bakery", "--yes", "--json", **env)

    assert json.loads(ran.stdout)["runs"] == [
        {"handler": SLACK, "target": "", "source": "bakery", "was": "dead", "runs": 1}
    ]
    assert states(db) == {"bakery": "skipped", "garage": "dead"}
    assert audit(db) == [("bakery", "cancel", 1)]


def test_one_is_paused_and_resumed_and_the_other_goes_on(db, env, sources, activations):
    paused = operations.pause(db, activations, SLACK, reason="by hand", source="garage")
    shown = {one.source: one.runs[0].paused for one in (operations.show(db, n) for n in sources.values())}
    listed = json.loads(receiver("pause", "--json", **env).stdout)["paused"]
    others = operations.resume(db, SLACK, source="bakery")
    resumed = operations.resume(db, SLACK, source="garage")

    assert (paused, shown) == (1, {"bakery": False, "garage": True})
    assert [(one["source"], one["handler"]) for one in listed] == [("garage", SLACK)]
    assert (others, resumed) == ([], [Lane("garage", SLACK, "")])
    assert [note[:2] for note in audit(db)] == [("garage", "pause"), ("garage", "resume")]


def test_findings_and_counts_are_of_one_source_each(db, sources, activations):
    operations.pause_lanes(db, [Lane("garage", SLACK, "")], "its token was revoked")
    health = operations.health(db)

    found = [(finding.source, finding.what, finding.message) for finding in operations.findings(activations, health)]
    dead = {one.source: one.dead for one in operations.destinations(activations, health) if one.handler == SLACK}

    assert found == [
        ("garage", "slack.post [garage]", "paused: its token was revoked"),
        ("bakery", "slack.post [bakery]", "1 dead letter"),
        ("garage", "slack.post [garage]", "1 dead letter"),
    ]
    assert dead == {"bakery": 1, "garage": 1}


def test_a_call_that_several_sources_have_means_none_of_them(db, sources):
    db.commit(lambda tx: tx.execute("UPDATE deliveries SET call_id = 'call-1'"))

    with pytest.raises(Ambiguous, match="several sources"):
        operations.named_exactly(db, ["call-1"])

    assert operations.named_exactly(db, ["call-1"], source="bakery") == (sources["bakery"],)
