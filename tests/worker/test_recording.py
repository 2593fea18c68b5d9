import threading
from dataclasses import replace

import pytest

from receiver.events import Delivery
from receiver.inbox import Claim, Inbox, Verdict
from receiver.inbox.schedule import BACKOFF_S
from receiver.logs import document
from receiver.registry import Lane
from receiver.worker.recording import log_pause, log_verdict, record
from tests.support.runs import Runs
from tests.support.tools import claim

DONE = Verdict(state="succeeded", result="succeeded", detail="row 2")
REFUSED = [replace(DONE, state=None), replace(DONE, delay_us=10**30)]  # NOT NULL; beyond 64 bits


@pytest.fixture
def claims(db):
    runs = Runs(db)
    for key in ("a", "b", "c"):
        Inbox(db).keep(Delivery(key=key, body=b"{}", event="x", received_us=1))
    waiting = runs.undispatched(9)
    runs.open([(delivery, "toy", "") for delivery in waiting], [delivery["id"] for delivery in waiting], 1)
    return [claim(runs, row["id"], "us", db.now_us()) for row in db.read("SELECT id FROM runs ORDER BY id")]


def recorded(db, ends, owner="us"):
    return record(Runs(db).attempts, ends, owner, threading.Event())


@pytest.mark.parametrize("refused", REFUSED)
def test_what_the_database_refuses_is_written_again_as_a_plain_failure(db, claims, refused):
    [(_, written)] = recorded(db, [(claims[0], refused)])

    row = db.read("SELECT * FROM runs WHERE id = ?", (claims[0].id,))[0]
    assert (written.result, row["state"], row["failures"], row["failure"]) == ("failed", "retrying", 1, "unrecordable")
    assert row["last_error"].startswith("the database refuses to keep how it ended (succeeded): ")
    assert row["next_attempt_us"] - db.now_us() < BACKOFF_S[0] * 2e6


@pytest.mark.parametrize("refused", REFUSED)
def test_of_a_batch_only_the_run_whose_end_is_refused_fails(db, claims, refused):
    recorded(db, [(claims[0], DONE), (claims[1], refused), (claims[2], DONE)])

    states = [row["state"] for row in db.read("SELECT state FROM runs ORDER BY id")]
    assert states == ["succeeded", "retrying", "succeeded"]


def test_a_run_that_others_have_is_not_among_those_that_were_written(db, claims):
    assert recorded(db, [(claims[0], DONE)], owner="another") == []
    assert recorded(db, [(claims[0], replace(DONE, state=None))], owner="another") == []


@pytest.mark.parametrize(
    ("lane", "command"),
    [
        (Lane("", "toys.moody", ""), "receiver resume toys.moody"),
        (Lane("", "toys.many", "x"), "receiver resume toys.many x"),
        (Lane("north", "toys.many", "x"), "receiver resume toys.many x --source north"),
    ],
)
def test_a_pause_is_said_with_the_command_that_ends_it_and_no_others(caplog, lane, command):
    log_pause(lane, Verdict(state="retrying", result="pause", detail="The token was refused"))

    business = f" [{lane.source}]" if lane.source else ""
    assert caplog.messages == [
        f"{lane.handler}{business} is paused: The token was refused. When it is fixed: {command}"
    ]


@pytest.mark.parametrize(
    ("source", "says"),
    [("", "delivery d-1 at toys.moody: dead (no)"), ("north", "delivery d-1 [north] at toys.moody: dead (no)")],
)
def test_a_line_names_the_business_that_it_is_about_where_that_has_a_name(caplog, source, says):
    delivery = Delivery(source=source, key="d-1", body=b"{}", received_us=1)

    attempted = Claim(id=7, attempt=1, failures=0, delivery=delivery)

    log_verdict("toys.moody", attempted, replace(DONE, state="dead", detail="no"))

    [record] = caplog.records
    assert (record.getMessage(), record.source) == (says, source)
    assert ("source" in document(record), document(record).get("source", "")) == (bool(source), source)


def test_the_line_of_a_retry_is_in_the_businesss_language_and_its_fields_are_not(caplog, monkeypatch):
    monkeypatch.setenv("BUSINESS_LANGUAGE", "es")
    attempted = Claim(id=7, attempt=1, failures=0, delivery=Delivery(key="d-1", body=b"{}", received_us=1))
    log_verdict("forward.forward", attempted, replace(DONE, state="retrying", detail="no answer (ConnectError)"))

    [record] = caplog.records
    assert record.getMessage() == "entrega d-1 en forward.forward: se reintenta (sin respuesta (ConnectError))"
    assert document(record)["state"] == "retrying"
