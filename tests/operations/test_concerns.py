"""What needs attention, by what stands in the database."""

import json

import pytest

from receiver import settings
from receiver.inbox import PROCESSES, REDIS, Trouble, acquire_leadership
from receiver.inbox.lives import write_lives
from receiver.operations import concerns, pause_lanes
from receiver.operations.concerns import LONG_US, disk
from receiver.registry import Lane
from receiver.store import HANDLERS, NOTE
from tests.support.tools import refused

SLACK = Lane("", "slack.post", "")
ON = {"slack.post": "on"}


@pytest.fixture
def look(db, env):
    def look(*kinds):
        found = concerns(db, settings.read(env))
        return {each.kind: each for each in found} if not kinds else [each for each in found if each.kind in kinds]

    return look


def note(db, name, value):
    db.commit(lambda tx: tx.execute(NOTE, (name, value, db.now_us())))


def lose(db, *reasons, source=""):
    now_us = db.now_us()
    rows = [("ours", now_us - n, reason) for n, reason in enumerate(reasons)]
    db.commit(lambda tx: write_lives(tx, source, rows, {}, now_us))


def test_where_all_is_well_nothing_needs_attention(look):
    assert look() == {}


@pytest.mark.parametrize(("lost", "level"), [(2, None), (3, 3), (5, 3), (6, 6), (8, 8), (9, 8), (10, 10), (12, 10)])
def test_lives_by_their_steps(db, look, lost, level):
    lose(db, *["not-stored"] * lost)

    assert [each.level for each in look("lives")] == ([level] if level else [])


def test_bad_signatures_that_follow_each_other_are_a_second_alarm(db, look):
    lose(db, "signature-mismatch", "signature-missing", "not-stored")
    assert look("signatures") == []
    lose(db, "signature-mismatch", "signature-mismatch", "signature-mismatch", source="garage")

    assert [(each.source, each.details["n"]) for each in look("signatures")] == [("garage", 3)]


def test_a_pause_with_its_reason_and_what_waits(story, look):
    refused(story.db, SLACK, "Slack: token_revoked:\n make a new one " + "x" * 300)

    [held] = look("on_hold")
    assert (held.place, held.details["place"], held.details["n"]) == ("slack.post", "Slack", 1)
    assert held.details["reason"].startswith("Slack: token_revoked: make a new one xxx")
    assert len(held.details["reason"]) == 200


def test_a_pause_by_hand_without_what_somebody_typed(story, look):
    pause_lanes(story.db, [SLACK], "Mrs. Oyelaran complained")

    [held] = look("paused", "on_hold")
    assert (held.kind, dict(held.details)) == ("paused", {"place": "Slack", "handler": "slack.post", "n": 1})


@pytest.mark.parametrize(("noted", "told"), [(ON, 2), ({"forward.forward": "on"}, None), (None, 2)])
def test_dead_letters_of_what_is_on(story, look, noted, told):
    if noted:
        note(story.db, HANDLERS, json.dumps(noted))

    assert [each.details["n"] for each in look("dead")] == ([told] if told else [])


@pytest.mark.parametrize(("more", "level"), [(7, 1), (8, 2)])
def test_dead_letters_are_worse_by_their_powers_of_ten(story, look, more, level):
    for n in range(more):
        story.keep(f"more-{n}")
    insert = (
        "INSERT INTO runs (delivery_id, handler, state, next_attempt_us) "
        "SELECT id, 'slack.post', 'dead', 0 FROM deliveries WHERE key LIKE 'more-%'"
    )
    story.db.commit(lambda tx: tx.execute(insert))

    assert [(each.level, each.details["n"]) for each in look("dead")] == [(level, 2 + more)]


def test_a_handler_that_is_set_by_half(db, look):
    note(db, HANDLERS, json.dumps({"slack.post": "on", "hubspot.keep_call": "misconfigured"}))

    assert [(each.place, each.details["place"]) for each in look("half_set")] == [("hubspot.keep_call", "HubSpot")]


@pytest.mark.parametrize(("ago_us", "told"), [(LONG_US // 2, False), (LONG_US + 60_000_000, True)])
def test_a_destination_that_is_down_for_long(story, look, ago_us, told):
    db = story.db
    note(db, HANDLERS, json.dumps(ON))
    now_us = db.now_us()
    sql = (
        "INSERT INTO throttles (source, handler, target, hold, not_before_us, failures, failing_since_us, reason) "
        "VALUES ('', 'slack.post', '', 'down', ?, 9, ?, 'connect')"
    )
    db.commit(lambda tx: tx.execute(sql, (now_us, now_us - ago_us)))

    assert [each.details["n"] for each in look("down")] == ([1] if told else [])


def test_no_worker_is_told_where_deliveries_wait_or_one_ran_and_is_gone(story, look):
    db = story.db
    acquire_leadership(db, "me", db.now_us())
    assert look("worker") == []
    db.commit(lambda tx: tx.execute("UPDATE leases SET until_us = until_us - 300000000"))
    [gone] = look("worker")
    story.keep("waits", ago_s=120)

    assert (gone.details["n"], look("worker")[0].details["n"]) == (0, 1)


def test_what_the_worker_says_and_redis_only_where_work_waits(db, story, look):
    Trouble(db, PROCESSES, "w").note("the child for slack ends")
    Trouble(db, REDIS, "w").note("it does not answer")
    assert {"processes", "redis"} <= look().keys()
    db.commit(lambda tx: tx.execute("UPDATE runs SET state = 'succeeded' WHERE state <> 'dead'"))

    assert "redis" not in look()


def test_a_disk_without_room(env):
    """A server's own disk cannot be seen from here."""
    found = [list(disk(settings.read(env), least_free=least)) for least in (1, 2**62)]

    assert [len(each) for each in found] == [0, 0 if env["DATABASE_URL"] else 1]


def test_a_chore_that_fails_a_silence_and_what_is_new(db, look):
    db.commit(
        lambda tx: [
            tx.execute("INSERT INTO chores (name, started_us, problem) VALUES ('prune', 1, 'it failed (x)')"),
            tx.execute("INSERT INTO chores (name, started_us, problem) VALUES ('inspect', 1, 'The file is damaged.')"),
            tx.execute(NOTE, ("silence: ", json.dumps({"since_us": 5, "usual": 11}), 9)),
            *[
                tx.execute(
                    "INSERT INTO new_fields (source, event, field, type, example, first_us) VALUES ('', ?, ?, 'text', '', ?)",
                    row,
                )
                for row in (("call.completed", "transcript", 1), ("call.completed", "mood", 2), ("call.missed", "", 3))
            ],
        ]
    )

    found = look()
    assert found["chore"].place == "prune"
    assert found["silence"].details == {"since_us": 5, "n": 11}
    assert (found["fields"].level, found["fields"].details["fields"]) == (2, "mood, transcript")
    assert found["event"].place == "call.missed"
    assert list(found) == ["silence", "chore", "event", "fields"]


def test_a_recipient_is_told_by_the_domain_alone(db, look):
    for lane in (Lane("", "email.send", "front@acme.example"), Lane("garage", "forward.forward", "1a2b3c4d")):
        refused(db, lane, "no")

    assert sorted(each.details["place"] for each in look("on_hold")) == ["E-mail acme.example", "Webhook 1a2b3c4d"]
