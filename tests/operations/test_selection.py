import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.operations import Selection
from receiver.operations.selection import running_count, runs_matching, undispatched_count

DELIVERIES = [
    # source    key    event             call      received
    ("",        "a",   "call.completed", "call-1", 100),
    ("",        "b",   "lead.created",   "call-1", 200),
    ("bakery",  "a",   "call.completed", "call-2", 300),
    ("bakery",  "c",   "lead.created",   None,     400),
]  # fmt: skip
RUNS = [
    # delivery  handler       target  state
    (1,         "slack.post", "",     "dead"),
    (1,         "fw.forward", "x",    "running"),
    (2,         "fw.forward", "y",    "pending"),
    (3,         "slack.post", "",     "running"),
]  # fmt: skip


@pytest.fixture
def selected(db):
    """Four deliveries, the last without a run, as no worker has seen it."""
    for source, key, event, call, received_us in DELIVERIES:
        Inbox(db).keep(Delivery(source=source, key=key, event=event, call_id=call, received_us=received_us, body=b"{}"))
    db.commit(lambda tx: tx.execute("UPDATE deliveries SET dispatched_us = 1 WHERE id < 4"))
    opened = "INSERT INTO runs (delivery_id, handler, target, state, next_attempt_us) VALUES (?, ?, ?, ?, 1)"
    db.commit(lambda tx: tx.executemany(opened, RUNS))
    return db


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        (Selection(),                              [1, 2, 3, 4]),
        (Selection(ids=(1, 4)),                    [1, 4]),
        (Selection(source=""),                     [1, 2]),
        (Selection(source="bakery"),               [3, 4]),
        (Selection(event="lead.created"),          [2, 4]),
        (Selection(call_id="call-1"),              [1, 2]),
        (Selection(since_us=200),                  [2, 3, 4]),
        (Selection(until_us=200),                  [1]),
        (Selection(since_us=200, until_us=400, source="bakery"), [3]),
    ],
)  # fmt: skip
def test_each_criterion_narrows_the_deliveries(selected, selection, ids):
    condition, values = selection.deliveries()

    rows = selected.read(f"SELECT d.id FROM deliveries AS d WHERE {condition} ORDER BY d.id", values)

    assert [row["id"] for row in rows] == ids


@pytest.mark.parametrize(
    ("selection", "states", "runs"),
    [
        (Selection(),                              ("dead", "pending"),  [(1, "dead"), (2, "pending")]),
        (Selection(state="dead"),                  ("dead", "pending"),  [(1, "dead")]),
        (Selection(handler="fw.forward"),          ("running", "dead"),  [(1, "running")]),
        (Selection(target="y"),                    ("pending", "dead"),  [(2, "pending")]),
        (Selection(target=""),                     ("running", "dead"),  [(1, "dead"), (3, "running")]),
        (Selection(source="bakery", state="dead"), ("dead",),            []),
    ],
)  # fmt: skip
def test_each_criterion_narrows_the_runs(selected, selection, states, runs):
    condition, values = runs_matching(selection, states)

    rows = selected.read(f"SELECT r.delivery_id, r.state {condition} ORDER BY r.id", values)

    assert [(row["delivery_id"], row["state"]) for row in rows] == runs


@pytest.mark.parametrize(
    ("selection", "running", "undispatched"),
    [
        (Selection(), 2, 1),
        (Selection(source="bakery"), 1, 1),
        (Selection(source=""), 1, 0),
        (Selection(event="call.completed"), 2, 0),
    ],
)
def test_what_is_running_and_what_no_worker_has_seen_is_counted(selected, selection, running, undispatched):
    assert (running_count(selected, selection), undispatched_count(selected, selection)) == (running, undispatched)


@pytest.mark.parametrize(
    ("selection", "is_empty", "narrows_runs"),
    [
        (Selection(),                    True,  False),
        (Selection(source="bakery"),     True,  False),
        (Selection(ids=(1,)),            False, False),
        (Selection(since_us=1),          False, False),
        (Selection(state="dead"),        False, True),
        (Selection(handler="slack.post"), False, True),
        (Selection(target="x"),          False, True),
    ],
)  # fmt: skip
def test_everything_of_a_business_is_not_asked_for_by_accident(selection, is_empty, narrows_runs):
    assert (selection.is_empty, selection.narrows_runs) == (is_empty, narrows_runs)
