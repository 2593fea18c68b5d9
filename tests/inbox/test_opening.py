import json

import pytest
from werkzeug.datastructures import Headers

from receiver.events import Delivery
from receiver.inbox import Backlog, Inbox, Verdict
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

    assert [backlog.due(lane, NOW, 9) for lane in (ours, theirs)] == [[1], [3]]


def test_a_lane_is_given_its_own_sources_runs_only(backlog):
    opened(backlog, Lane("", "crm", ""), "a")
    opened(backlog, Lane("b", "crm", ""), "a")
    backlog.mark_queued([1, 2], NOW)

    assert [backlog.queued(Lane(source, "crm", "")) for source in ("", "b", "c")] == [{1: NOW}, {2: NOW}, {}]


def test_unassigned_runs_go_to_the_targets_of_their_own_source(backlog):
    for source in ("", "b"):
        opened(backlog, Lane(source, "forward", ""), "a")

    backlog.assign_targets([Lane("b", "forward", "x"), Lane("b", "forward", "y")])

    rows = backlog.db.read("SELECT source, target FROM runs ORDER BY source, target")
    assert tuples(rows) == [("", ""), ("b", "x"), ("b", "y")]


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

    assert len(runs.claim(backlog.due(lane, NOW, 9), "one", NOW)) == 2
    assert tuples(runs.earlier(2)) == []


def test_runs_that_an_older_version_opened_for_calls_without_a_name_do_not_know_of_each_other(backlog):
    opened(backlog, Lane("", "crm", ""), "ana", "bea", call_id="")
    runs = Runs(backlog.db)
    for run in (1, 2):
        [claim] = runs.claim([run], "one", NOW)
        runs.finish([(claim, Verdict(state="succeeded", result="succeeded"))], "one", NOW)

    assert tuples(runs.earlier(2)) == []
