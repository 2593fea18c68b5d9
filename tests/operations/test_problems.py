"""What needs somebody, on both databases, and what the questions for it read."""

import re

import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.operations import places, problems
from receiver.registry import Lane, activate, load
from receiver.toolkit.forwarding import short

URL, GONE = "https://crm.example.com/hook", "https://old.example.com/hook"
ENV = {
    "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "C1", "FORWARD_URL": URL, "GOOGLE_SHEET_ID": "x",
}  # fmt: skip
RUN = """
INSERT INTO runs (delivery_id, handler, target, state, next_attempt_us, failure, last_error) VALUES (?, ?, ?, ?, ?, ?, ?)
"""


@pytest.fixture
def activations():
    return activate(load("handlers"), ENV)


@pytest.fixture
def inbox(db):
    """Ten calls; at each destination something else became of them."""
    for n in range(10):
        Inbox(db).keep(Delivery(key=f"d-{n}", event="call.completed", body=b"{}", received_us=1000 + n))
    ids = [row["id"] for row in db.read("SELECT id FROM deliveries ORDER BY id")]
    rows = [
        *[(ids[n], "slack.post", "", "dead", 1, "refused-503" if n < 4 else "gave-up", "said") for n in range(6)],
        *[(ids[n], "slack.post", "", "retrying", 50 + n, "timeout", "late") for n in range(6, 8)],
        *[(ids[n], "forward.forward", short(GONE), "dead", 1, "refused-400", "no") for n in range(2)],
        *[(ids[n], "forward.forward", short(GONE), "pending", 1, "", None) for n in range(2, 5)],
        (ids[5], "forward.forward", short(URL), "pending", 1, "", None),
    ]  # fmt: skip
    db.commit(lambda tx: tx.executemany(RUN, rows))
    return db


def test_it_is_grouped_by_destination_and_reason_and_what_is_no_longer_set_stands_apart(inbox, activations):
    found = problems(inbox, activations)

    slack, gone = found.not_arrived[1], found.not_arrived[0]
    assert (slack.lane.handler, slack.runs, slack.first_us, slack.last_us, slack.is_set) == (
        "slack.post", 6, 1000, 1005, True,
    )  # fmt: skip
    assert [(reason.key, reason.runs) for reason in slack.reasons] == [("refused-503", 4), ("said", 2)]
    assert (gone.runs, gone.is_set) == (2, False)
    assert [(each.lane.handler, each.waiting) for each in found.stranded] == [("forward.forward", 3)]
    assert [each.has_present for each in (*found.stranded, gone)] == [True, True]
    assert [(each.lane.handler, each.runs, each.next_us) for each in found.tried_again] == [("slack.post", 2, 56)]
    assert [each.lane for each in found.not_set_up] == [Lane("", "google_sheets.append_row", "")]
    assert found.number == 4


def test_of_what_is_off_there_is_no_present_address(inbox):
    found = problems(inbox, activate(load("handlers"), {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/a"}))

    assert [(each.lane.handler, each.has_present) for each in found.stranded] == [("forward.forward", False)] * 2
    assert {each.lane.handler: each.has_present for each in found.not_arrived} == {
        "forward.forward": False,
        "slack.post": True,
    }


def test_each_destination_is_told_with_how_far_behind_it_is(inbox, activations):
    found = {place.lane: place for place in places(inbox, activations)}

    slack, forward = found["", "slack.post", ""], found["", "forward.forward", short(URL)]
    assert (slack.waiting, slack.retrying, slack.dead, slack.oldest_us) == (2, 2, 6, 1006)
    assert (forward.waiting, forward.signs, forward.url) == (1, False, "https://crm.example.com/…")
    assert found["", "google_sheets.append_row", ""].state == "misconfigured"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_question_reads_all_runs_or_deliveries(inbox, activations, monkeypatch):
    asked, read = {}, inbox.read
    monkeypatch.setattr(
        inbox, "read", lambda sql, values=(), **more: (asked.update({sql: values}), read(sql, values))[1]
    )
    problems(inbox, activations)
    places(inbox, activations)

    whole = re.compile(r"SCAN (?:AS )?(runs|deliveries|attempts|d|r|a)\b(?! USING)")
    plans = {sql: [row["detail"] for row in read(f"EXPLAIN QUERY PLAN {sql}", values)] for sql, values in asked.items()}
    assert len(asked) > 8
    assert {sql: plan for sql, plan in plans.items() if any(map(whole.search, plan))} == {}
