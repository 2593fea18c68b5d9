import json

import pytest
from werkzeug.datastructures import Headers

from receiver.events import Delivery
from receiver.inbox import Backlog, Inbox, Verdict
from receiver.inbox.opening import DUE
from receiver.queue import queue_name
from receiver.registry import Lane
from receiver.verify.reading import delivery_in
from tests.support.runs import Runs
from tests.support.tools import tuples

NOW = 1_000_000_000


@pytest.fixture
def backlog(db):
    return Backlog(db)


def opened(backlog, lane, *keys, call_id=None):
    for key in keys:
        delivery = Delivery(source=lane.source, key=key, body=b"{}", event="x", call_id=call_id, received_us=1)
        Inbox(backlog.db).keep(delivery)
    rows = backlog.undispatched(100)
    backlog.open([(row, lane) for row in rows], [row["id"] for row in rows], NOW)


def test_runs_of_one_call_for_two_sources_are_due_side_by_side(backlog):
    ours, theirs = Lane("", "crm", ""), Lane("b", "crm", "")
    for lane in (ours, theirs):
        opened(backlog, lane, "first", "second", call_id="one")

    assert backlog.due({ours: 9, theirs: 9}, NOW) == {ours: {1: 0}, theirs: {3: 0}}


def test_what_failed_before_goes_first_and_then_whatever_has_waited_longest(backlog):
    lane = Lane("", "crm", "")
    opened(backlog, lane, *"abcde")
    waits = {1: 30, 2: 20, 3: 10, 4: 5, 5: NOW + 1}  # since when, or until when
    states = {1: "pending", 2: "retrying", 3: "pending", 4: "retrying", 5: "retrying"}
    values = [(states[run], us, run) for run, us in waits.items()]
    backlog.db.commit(lambda tx: tx.executemany("UPDATE runs SET state = ?, next_attempt_us = ? WHERE id = ?", values))

    assert [[*backlog.due({lane: limit}, NOW)[lane]] for limit in (9, 3)] == [[2, 4, 3, 1], [2, 4, 3]]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_more_of_a_backlog_is_read_than_is_handed_out(backlog):
    costs = []
    for size in (100, 1000):
        backlog.db.commit(lambda tx, size=size: wait_at_the_crm(tx, size))
        costs.append(steps(backlog.db, Lane("", "crm", "")))

    assert costs[1] < 1.5 * costs[0]


def wait_at_the_crm(tx, size):
    """So many runs more."""
    tx.executemany(
        "INSERT INTO deliveries (key, event, call_id, received_us, body, headers, problems) "
        "VALUES (?, 'x', ?, 1, x'00', '{}', '[]')",
        [(f"{size}-{n}", f"{size}-{n}") for n in range(size)],
    )
    tx.execute(
        "INSERT INTO runs (delivery_id, handler, call_id, next_attempt_us) SELECT id, 'crm', call_id, id "
        "FROM deliveries WHERE id NOT IN (SELECT delivery_id FROM runs)"
    )


def steps(db, lane):
    """How far SQLite's machine goes to find what is due, in tens of its steps."""
    taken = []
    may_start = (*lane, NOW, NOW, 20)
    with db.transaction() as connection:
        connection.set_progress_handler(lambda: taken.append(1), 10)
        connection.execute(DUE, (*may_start, *may_start, 20)).fetchall()
        connection.set_progress_handler(None, 0)
    return len(taken)


def test_a_lane_is_given_its_own_sources_runs_only(backlog):
    opened(backlog, Lane("", "crm", ""), "a")
    opened(backlog, Lane("b", "crm", ""), "a")
    backlog.mark_queued({1: 0, 2: 0}, NOW)

    lanes = [Lane(source, "crm", "") for source in ("", "b", "c")]
    assert backlog.queued(lanes) == dict(zip(lanes, [{1: NOW}, {2: NOW}, {}], strict=True))


def test_unassigned_runs_go_to_the_targets_of_their_own_source(backlog):
    for source in ("", "b"):
        opened(backlog, Lane(source, "forward", ""), "a")

    backlog.assign_targets([Lane("b", "forward", "x"), Lane("b", "forward", "y")])

    rows = backlog.db.read("SELECT source, target FROM runs ORDER BY source, target")
    assert tuples(rows) == [("", ""), ("b", "x"), ("b", "y")]


@pytest.mark.parametrize("ahead_us", [0, 5_000])
def test_a_run_that_a_worker_attempted_before_it_is_marked_as_queued_waits_as_the_attempt_left_it(backlog, ahead_us):
    """Also where the dispatcher's clock is some milliseconds ahead of the worker's, as on a busy machine."""
    lane, runs = Lane("", "crm", ""), Runs(backlog.db)
    opened(backlog, lane, "again", "done", "waits")
    due = backlog.due({lane: 9}, NOW)[lane]
    again, done, waits = due
    for run, state in ((again, "retrying"), (done, "succeeded")):
        [claim] = runs.claim([run], "one", NOW)
        runs.finish([(claim, Verdict(state=state, result="pause"))], "one", NOW)

    backlog.mark_queued(due, NOW + ahead_us)

    rows = backlog.db.read("SELECT id, state FROM runs ORDER BY id")
    assert tuples(rows) == [(again, "retrying"), (done, "succeeded"), (waits, "queued")]


def test_each_lane_has_a_queue_of_its_own():
    lanes = [Lane("", "slack", ""), Lane("", "forward", "x"), Lane("b", "slack", ""), Lane("b", "forward", "x")]

    assert list(map(queue_name, lanes)) == ["slack", "forward:x", "b/slack", "b/forward:x"]


@pytest.mark.parametrize("call", ["", "  "])
def test_calls_without_a_name_do_not_wait_for_each_other_nor_know_of_each_other(backlog, call):
    lane, runs = Lane("", "crm", ""), Runs(backlog.db)
    for key in ("ana", "bea"):
        body = json.dumps({"delivery_id": key, "event": "x", "data": {"call_id": call}}).encode()
        Inbox(backlog.db).keep(delivery_in(body, Headers(), (), received_us=1))
    rows = backlog.undispatched(9)
    backlog.open([(row, lane) for row in rows], [row["id"] for row in rows], NOW)

    assert len(runs.claim([*backlog.due({lane: 9}, NOW)[lane]], "one", NOW)) == 2
    assert tuples(runs.earlier(2)) == []


def test_runs_that_an_older_version_opened_for_calls_without_a_name_do_not_know_of_each_other(backlog):
    opened(backlog, Lane("", "crm", ""), "ana", "bea", call_id="")
    runs = Runs(backlog.db)
    for run in (1, 2):
        [claim] = runs.claim([run], "one", NOW)
        runs.finish([(claim, Verdict(state="succeeded", result="succeeded"))], "one", NOW)

    assert tuples(runs.earlier(2)) == []
