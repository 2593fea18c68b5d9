"""The table of calls says what the deliveries say, in whichever order they come, and whoever counts them."""

import json
import random
from zoneinfo import ZoneInfo

import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.operations import folding
from receiver.operations.folding import behind, fold, fold_chore, forget_calls, read_mark
from tests.support.practice import Practice
from tests.support.reads import Watched
from tests.support.tools import in_zone

CHICAGO = ZoneInfo("America/Chicago")
EVENTS = ("call.completed", "appointment.booked", "lead.created", "call.transferred")


@pytest.fixture
def practice(db):
    return Practice(db, CHICAGO)


def calls(db):
    columns = "call_id, caller_name, completed, booked, transferred, lead, urgency, wants, phone_back, seconds"
    return [tuple(dict(row).values()) for row in db.read(f"SELECT {columns} FROM calls ORDER BY call_id")]


def words(db):
    return {(row["word"], row["call_id"]) for row in db.read(
        "SELECT w.word, c.call_id FROM call_words AS w JOIN calls AS c ON c.id = w.call"
    )}  # fmt: skip


def test_each_call_is_one_row_with_what_its_events_say_together(db, practice):
    practice.call(call_id="a", events=EVENTS[:2], name="María del Mar  Peñas", urgency="HIGH", phone="+1 (555) 0142")
    practice.call(call_id="b", phone="anonymous", name="", urgency="medium")
    practice.call(call_id="c", events=("appointment.booked",), name="Ana Ruiz")

    assert fold(db, in_zone(db, CHICAGO.key)).more is False
    assert calls(db) == [
        ("a", "María del Mar Peñas", 1, 1, 0, 0, 2, 0, "24105551", 40),
        ("b", "", 1, 0, 0, 0, 1, 1, "", 40),
        ("c", "Ana Ruiz", 0, 1, 0, 0, 0, 0, "24105551", None),
    ]
    assert words(db) == {("maria", "a"), ("del", "a"), ("mar", "a"), ("penas", "a"), ("ana", "c"), ("ruiz", "c")}


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_events_and_how_often_they_are_counted_change_nothing(db, practice, seed):
    chance = random.Random(seed)
    bodies = [
        (f"{call}-{event}", event, {"call_id": call, "caller_name": f"Name {call}", "timestamp": n})
        for n, call in enumerate("abc")
        for event in EVENTS
    ]
    chance.shuffle(bodies)
    for key, event, data in bodies:
        body = json.dumps({"event": event, "delivery_id": key, "data": data}).encode()
        Inbox(db).keep(Delivery(key=key, event=event, body=body, call_id=data["call_id"], received_us=db.now_us()))
        if chance.random() < 0.5:
            fold(db, in_zone(db, CHICAGO.key))
    fold(db, in_zone(db, CHICAGO.key))

    assert [(row[0], *row[2:6], row[7]) for row in calls(db)] == [(call, 1, 1, 1, 1, 0) for call in "abc"]


def test_the_mark_keeps_behind_what_may_not_be_committed_yet_and_then_moves(db, practice, monkeypatch):
    practice.call(call_id="a")
    fold(db, in_zone(db, CHICAGO.key))
    newest = db.read("SELECT max(id) AS id FROM deliveries")[0]["id"]
    assert read_mark(db, in_zone(db, CHICAGO.key)).up_to < newest

    for _ in range(3):
        db.commit(lambda tx: tx.execute(  # half a minute passes
            "UPDATE facts SET value = ? WHERE name = 'calls'",
            (json.dumps(json.loads(tx.execute("SELECT value FROM facts WHERE name = 'calls'").fetchone()["value"])
                        | {"since_us": 1}),),
        ))  # fmt: skip
        fold(db, in_zone(db, CHICAGO.key))
    assert read_mark(db, in_zone(db, CHICAGO.key)).up_to == newest
    assert behind(db, newest).number == 0


def test_nothing_is_written_where_nothing_is_new(db, practice, monkeypatch):
    practice.call(call_id="a")
    fold(db, in_zone(db, CHICAGO.key))
    written = []
    monkeypatch.setattr(folding, "write", lambda *_: written.append(1))
    fold(db, in_zone(db, CHICAGO.key))

    assert written == []


def test_of_two_who_count_at_once_one_writes_and_nothing_is_lost(db, practice, monkeypatch):
    practice.call(call_id="a")
    fold(db, in_zone(db, CHICAGO.key))
    practice.call(call_id="b")
    write = folding.write

    def late(tx, now_us, before, *rest):
        """Another has written since `before` was read."""
        tx.execute("UPDATE facts SET value = ? WHERE name = 'calls'", (json.dumps({"zone": CHICAGO.key, "turn": 99}),))
        return write(tx, now_us, before, *rest)

    monkeypatch.setattr(folding, "write", late)
    fold(db, in_zone(db, CHICAGO.key))
    assert [row[0] for row in calls(db)] == ["a"]  # given up

    monkeypatch.undo()
    fold(db, in_zone(db, CHICAGO.key))
    assert [row[0] for row in calls(db)] == ["a", "b"]


def test_another_zone_has_other_days_and_hours(db, practice):
    practice.call(call_id="a")
    fold(db, in_zone(db, CHICAGO.key))
    [before] = db.read("SELECT day, hour FROM calls")

    fold_chore(db, in_zone(db, "Asia/Tokyo"))
    [after] = db.read("SELECT day, hour FROM calls")

    assert (after["hour"] - before["hour"]) % 24 in (14, 15)


def test_the_chore_counts_pages_and_pages_of_calls(db, practice, monkeypatch):
    monkeypatch.setattr(folding, "PAGE", 7)
    for _ in range(40):
        practice.call()

    assert fold_chore(db, in_zone(db, "America/Chicago")) == ""
    assert len(calls(db)) == 40


def test_what_is_erased_is_not_counted_again(db, practice, monkeypatch):
    practice.call(call_id="a")
    fold(db, in_zone(db, CHICAGO.key))
    db.commit(lambda tx: forget_calls(tx, db.now_us(), [("", "a")]))
    assert (calls(db), words(db)) == ([], set())

    write = folding.write

    def closed_meanwhile(tx, *arguments):
        tx.execute("UPDATE deliveries SET erased_us = 1")
        return write(tx, *arguments)

    monkeypatch.setattr(folding, "write", closed_meanwhile)
    fold(db, in_zone(db, CHICAGO.key))
    assert calls(db) == []


@pytest.mark.parametrize(
    "data",
    [
        {"call_id": "a", "duration_seconds": 10**30, "started_at": "9999-12-31T23:59:59Z", "urgency": 7},
        {"call_id": "a", "caller_name": "\u202e" * 90_000, "caller_phone": "+" * 5000, "started_at": "yesterday"},
        {"call_id": "a", "caller_phone": "٠١٢٣", "caller_name": ["x"], "appointment_time_start": "0001-01-01"},
        {"call_id": " \u200b"},
        {},
    ],
)
def test_nothing_that_a_caller_says_stops_the_count(db, practice, data):
    practice.call(call_id="good")
    for n, event in enumerate((*EVENTS, "call.unheard_of")):
        body = json.dumps({"event": event, "delivery_id": f"odd-{n}", "data": data}).encode()
        call_id = data.get("call_id")
        Inbox(db).keep(Delivery(key=f"odd-{n}", event=event, body=body, call_id=call_id, received_us=db.now_us()))

    fold(db, in_zone(db, CHICAGO.key))

    named = [row["call_id"] for row in db.read("SELECT call_id, at_us, seconds FROM calls ORDER BY call_id")]
    assert named == (["a", "good"] if data.get("call_id") == "a" else ["good"])
    assert all(abs(row["at_us"] - db.now_us()) < 10**10 for row in db.read("SELECT at_us FROM calls"))


def test_calls_of_many_businesses_are_counted_in_as_many_statements_as_those_of_one(db):
    def asked(businesses):
        before = db.read("SELECT coalesce(max(id), 0) AS id FROM deliveries")[0]["id"]
        for name in businesses:
            body = json.dumps({"event": "call.completed", "delivery_id": name, "data": {"call_id": "same"}}).encode()
            Inbox(db).keep(
                Delivery(source=name, key=name, body=body, event="call.completed", call_id="same", received_us=1)
            )
        watched = Watched(db, [])
        fold(watched, in_zone(db, CHICAGO.key), after=before)
        return len(watched.asked)

    asked(["the first makes the mark"])
    assert asked(["a"]) == asked([f"b{n}" for n in range(30)])
    assert db.read("SELECT count(*) AS n FROM calls")[0]["n"] == 32
