import pytest

from receiver.events import Delivery
from receiver.inbox import Backlog, Inbox
from receiver.queue import queue_name
from receiver.registry import Lane
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
