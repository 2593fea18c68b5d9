"""Moving an inbox from a file to Postgres, while it is worked on."""

import signal

import pytest

from receiver import settings, store
from receiver.errors import ConfigurationError
from receiver.inbox import Inbox, Verdict, deliveries_of_day, open_day
from receiver.moving.copy import Copy
from receiver.moving.tables import TABLES
from receiver.operations import (
    Routing,
    Selection,
    add_source,
    add_token,
    advance,
    businesses,
    job,
    make_replay,
    pause_lanes,
    sources_version,
    start,
    token_in,
    tokens,
)
from receiver.registry import Activation, Lane
from tests.support.deliveries import a_delivery
from tests.support.handlers import a_handler
from tests.support.moving import copied, fill, receiver, rows_there
from tests.support.processes import until
from tests.support.runs import Runs
from tests.support.tools import claim, finish

DONE = Verdict(state="succeeded", result="succeeded", detail="ok")

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_everything_arrives_as_it_was(db, target):
    fill(db, 1200)

    _, found = copied(db, target)

    assert [one.different for one in found] == [0] * len(TABLES)
    assert {one.table: one.there for one in found}["deliveries"] == 1200
    for sql in ("SELECT id, key, body, received_body, headers FROM deliveries ORDER BY id",
                "SELECT run_id, number, result, detail FROM attempts ORDER BY 1, 2"):  # fmt: skip
        assert [dict(row) for row in target.read(sql)] == [dict(row) for row in db.read(sql)]
    states = "SELECT state, count(*) AS n FROM runs GROUP BY state ORDER BY state"
    assert [tuple(dict(row).values()) for row in target.read(states)] == [
        ("pending", 400), ("running", 400), ("succeeded", 400),
    ]  # fmt: skip
    assert Inbox(target).keep(a_delivery(key="the next")) == "stored"  # ids go on behind the copied ones


def test_a_lane_that_is_for_a_day_goes_on_with_the_day(db, target):
    lane = Lane("", "email.send", "front@acme.example/summary")
    open_day(db, lane, 1, 2)
    Inbox(db).keep(a_delivery(key="d-1", received_us=3))
    copied(db, target)
    open_day(db, lane, 4, 5)
    Inbox(db).keep(a_delivery(key="d-2", received_us=6))

    _, found = copied(db, target)
    open_day(target, lane, 7, 8)

    assert sum(one.different for one in found) == 0
    days = [deliveries_of_day(target, lane, row["id"]) for row in target.read("SELECT id FROM runs ORDER BY id")]
    assert [[row["key"] for row in day] for day in days] == [["d-1"], ["d-2"]]


def test_sources_and_tokens_arrive_and_are_taken_note_of(db, target, tmp_path):
    own = settings.read({"DATA_DIR": str(tmp_path), "SECRET_KEY": "a key for sealing, long enough"})
    add_source(db, Routing(own, {}, {}), "acme")
    token = add_token(db, "theirs", source="acme")

    copied(db, target)

    assert sources_version(target) == sources_version(db) != ""  # by it a process knows that there are any
    assert [source.name for source in businesses(target, own)] == ["acme"]
    assert token_in(token, {each.id: each for each in tokens(target)}).source == "acme"


def test_what_two_sources_have_under_one_name_arrives_as_two(db, target):
    for source in ("bakery", "garage"):
        Inbox(db).keep(a_delivery(source=source, key="d-1"))
        pause_lanes(db, [Lane(source, "toy", "")], f"paused by {source}")
    sql = "INSERT INTO rejection_counts (source, minute, reason, count) VALUES (?, 7, 'body-too-slow', ?)"
    db.commit(lambda tx: tx.executemany(sql, [("bakery", 1), ("garage", 2)]))
    sample = "INSERT INTO rejection_samples (source, received_us, reason, headers) VALUES ('garage', 1, 'x', '{}')"
    db.commit(lambda tx: tx.execute(sample))
    opened = (
        "INSERT INTO runs (source, delivery_id, handler, next_attempt_us) SELECT source, id, 'toy', 1 FROM deliveries"
    )
    db.commit(lambda tx: tx.execute(opened))

    _, found = copied(db, target)

    assert [one.different for one in found] == [0] * len(TABLES)
    for table in ("deliveries", "runs", "pauses", "rejection_counts", "audit"):
        assert target.read(f"SELECT DISTINCT source FROM {table} ORDER BY 1") == [
            {"source": "bakery"}, {"source": "garage"},
        ]  # fmt: skip
    assert target.read("SELECT source FROM rejection_samples") == [{"source": "garage"}]


def test_a_job_that_is_under_way_goes_on_where_it_was(db, target):
    """Of six runs two have arrived, two wait at the destination and two have not been opened yet."""
    fill(db, 9)
    ids = [row["id"] for row in db.read("SELECT id FROM runs ORDER BY id LIMIT 6")]
    db.commit(lambda tx: tx.executemany("UPDATE runs SET state = 'dead' WHERE id = ?", [(run,) for run in ids]))
    activations = [Activation(handler=a_handler(name="toy"), state="on", targets={"": {}})]
    replayed = make_replay(db, activations, Selection(state="dead"))
    start(db, replayed.id)
    advance(db, replayed.id, {}, at_once=2)
    attempt_what_waits(db, ids)
    advance(db, replayed.id, {}, at_once=2)

    _, found = copied(db, target)

    assert sum(one.different for one in found) == 0
    there = job(target, replayed.id)
    assert (there.to_json(), there.runs("arrived"), there.runs("opened"), there.runs("planned")) == (
        job(db, replayed.id).to_json(), 2, 2, 2,
    )  # fmt: skip
    advance(target, replayed.id, {})
    assert attempt_what_waits(target, ids) == 4
    while advance(target, replayed.id, {}):
        pass
    there = job(target, replayed.id)
    assert (there.state, there.runs("arrived")) == ("done", 6)
    assert make_replay(target, activations, Selection(state="dead")).id > replayed.id


def attempt_what_waits(db, ids):
    """Of these runs; how many there were."""
    runs, now_us = Runs(db), db.now_us()
    waiting = db.read(f"SELECT id FROM runs WHERE state = 'pending' AND id IN ({', '.join('?' * len(ids))})", ids)
    for row in waiting:
        finish(runs, claim(runs, row["id"], "me", now_us), "me", DONE, now_us)
    return len(waiting)


def test_texts_that_postgres_cannot_hold_stop_no_copy(db, target):
    fill(db, 3)
    for table, column in (("runs", "outcome"), ("runs", "last_error"), ("attempts", "detail"), ("audit", "detail")):
        db.commit(lambda tx, table=table, column=column: tx.execute(f"UPDATE {table} SET {column} = ?", ("id \0",)))

    _, found = copied(db, target)
    again, _ = copied(db, target)

    assert ([one.different for one in found], again) == ([0] * len(TABLES), 0)
    assert target.read("SELECT DISTINCT outcome, last_error FROM runs") == [
        {"outcome": "id \ufffd", "last_error": "id \ufffd"}
    ]


def test_what_came_and_what_changed_since_is_brought_over_the_next_time(db, target):
    fill(db, 30)
    copied(db, target)
    again, _ = copied(db, target)
    fill(db, 5, first=30)
    [run] = db.read("SELECT id, attempts FROM runs WHERE state = 'running' LIMIT 1")
    db.commit(lambda tx: tx.execute("UPDATE runs SET state = 'dead' WHERE id = ?", (run["id"],)))

    _, found = copied(db, target)

    assert again == 0
    assert [one.different for one in found] == [0] * len(TABLES)
    assert target.read("SELECT state FROM runs WHERE id = ?", (run["id"],))[0]["state"] == "dead"


def test_another_inbox_is_refused(db, target):
    store.migrate(target)
    Inbox(target).keep(a_delivery(key="somebody's"))

    with pytest.raises(ConfigurationError, match="another inbox"):
        Copy(db, target).prepare()


def test_a_database_that_cannot_hold_every_text_is_refused(db, env, postgres):
    postgres.execute("CREATE DATABASE plain ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    ran = receiver("copy", "--to", postgres.url("plain"), env=env)

    assert "has the encoding SQL_ASCII" in ran.communicate()[1]
    assert ran.returncode == 2


def test_an_inbox_that_is_worked_on_already_is_refused(db, target):
    copied(db, target)
    Runs(target).lead("a new dispatcher", target.now_us())

    with pytest.raises(ConfigurationError, match="already worked"):
        Copy(db, target).prepare()


def test_a_copy_that_was_killed_goes_on_where_it_was(db, env, url, target):
    fill(db, 3000)
    first = receiver("copy", "--to", url, env=env)
    until(lambda: rows_there(target) > 0, what="the first rows")
    first.send_signal(signal.SIGKILL)
    first.wait()
    arrived = rows_there(target)

    second = receiver("copy", "--to", url, env=env)
    said, _ = second.communicate(timeout=60)

    assert 0 < arrived < 3000
    assert (second.returncode, rows_there(target)) == (0, 3000), said
