import json

import pytest

from receiver import operations, settings
from receiver.doctor.worker import check_worker
from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.moving.cut_over import CLOSE
from receiver.registry import activate, load, summarize
from receiver.toolkit.forwarding import short
from tests.support.cli import receiver
from tests.support.runs import Runs


def told(db):
    [found] = check_worker(db, "", [])
    return found.severity, found.message


def lease(db, name, owner="somebody", more_us=60_000_000):
    sql = "INSERT INTO leases (name, owner, until_us) VALUES (?, ?, ?)"
    db.commit(lambda tx: tx.execute(sql, (name, owner, db.now_us() + more_us)))


def test_a_worker_that_leads_is_fine_though_deliveries_wait(db):
    Inbox(db).keep(Delivery(key="d-1", body=b"{}", received_us=1))
    Runs(db).lead("a-worker", db.now_us())

    assert told(db) == ("ok", "one runs")


@pytest.mark.parametrize(("name", "more_us"), [("another", 60_000_000), ("dispatcher", -60_000_000)])
def test_deliveries_that_wait_without_a_worker_are_found_whatever_other_leases_there_are(db, name, more_us):
    Inbox(db).keep(Delivery(key="d-1", body=b"{}", received_us=1))
    lease(db, name, more_us=more_us)

    assert told(db) == ("problem", "none runs, and 1 delivery waits for it")


def test_where_nothing_waits_yet_a_missing_worker_is_advice(db):
    Inbox(db).keep(Delivery(key="d-1", body=b"{}", received_us=db.now_us()))

    assert told(db) == ("advice", "none runs at the moment")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_inbox_that_was_moved_has_no_worker_though_its_lease_is_held(db):
    hold = CLOSE[-1]
    db.commit(lambda tx: tx.execute(hold, (db.now_us() + 10**15,)))

    assert told(db) == ("problem", "this inbox was moved to another database, and is closed")


A, B = short("https://a.example/hook"), short("https://b.example/hook")
THERE = {"FORWARD_URL": "https://a.example/hook", "FORWARD_SIGNING_SECRET": "a-secret-of-theirs"}


@pytest.mark.parametrize(
    ("here", "said"),
    [
        (THERE, []),
        ({}, ["console.show is off there and on here", f"forward.forward is on ({A}) there and off here"]),
        (
            THERE | {"FORWARD_URL": "https://b.example/hook"},
            [f"forward.forward is on ({A}) there and on ({B}) here"],
        ),
        (
            THERE | {"SLACK_BOT_TOKEN": "a-token"},
            ["slack.post is off there and misconfigured here"],
        ),
    ],
)
def test_variables_that_are_not_those_of_the_worker_that_runs_are_found(db, here, said):
    handlers = load("handlers")
    noted = json.dumps(summarize(activate(handlers, THERE)))
    Runs(db).lead("a-worker", db.now_us(), noted)

    worker, *found = check_worker(db, "", activate(handlers, here))

    assert worker.message == "one runs"
    assert [one.message.removeprefix("the worker that runs has others than this command: ") for one in found] == (
        ["; ".join(said)] if said else []
    )
    assert "a-secret-of-theirs" not in noted


def test_where_no_worker_runs_its_variables_of_yesterday_are_nothing_to_compare_with(db):
    runs = Runs(db)
    runs.lead("a-worker", db.now_us(), json.dumps({"slack.post": "on"}))
    runs.let_go("a-worker", db.now_us(), timeout_s=5)

    assert told(db) == ("advice", "none runs at the moment")


def test_a_worker_that_ran_once_and_is_gone_for_minutes_is_a_problem_though_nothing_waits(db):
    lease(db, "dispatcher", more_us=-5 * 60_000_000)

    assert told(db) == ("problem", "none has run for 5 min")


@pytest.mark.parametrize(("seconds", "words"), [(7_200, "2 h"), (315_360_000, "10 years"), (90, "90 s")])
def test_that_the_clock_was_ahead_is_told_with_what_to_do(db, seconds, words):
    runs = Runs(db)
    runs.lead("a-worker", db.now_us() + seconds * 1_000_000)
    runs.lead("a-worker", db.now_us())

    leading, clock = check_worker(db, "", [])

    assert leading.message == "one runs"
    assert (clock.what, clock.severity) == ("clock", "advice")
    assert f"it was ahead by {words}, until 20" in clock.message
    assert "timedatectl" in clock.do


@pytest.mark.parametrize(("moved_s", "words"), [(3_600, "60 min behind"), (-7_200, "2 h ahead of")])
def test_that_this_machine_goes_by_another_time_than_the_server_of_the_database_is_told(
    db, monkeypatch, moved_s, words
):
    lease(db, "dispatcher", more_us=1_000_000)
    now_us = db.now_us() + moved_s * 1_000_000
    monkeypatch.setattr(db, "now_us", lambda: now_us)

    found = [finding.message for finding in check_worker(db, "", []) if finding.what == "clock"]

    assert found == [f"this machine is {words} the database's"]


def test_a_lease_that_a_clock_that_was_ahead_has_left_is_no_worker(db):
    Inbox(db).keep(Delivery(key="d-1", body=b"{}", received_us=1))
    lease(db, "dispatcher", more_us=7_200_000_000)

    assert told(db) == ("problem", "none runs, and 1 delivery waits for it")


def test_a_worker_that_has_ended_in_order_for_minutes_is_told(db):
    runs = Runs(db)
    runs.lead("a-worker", db.now_us())
    runs.let_go("a-worker", db.now_us() - 5 * 60_000_000)

    assert told(db) == ("problem", "none has run for 5 min")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("mark", "words"), [("DYNO", "heroku ps:scale"), ("NONE", "receiver up")])
def test_how_to_start_one_is_told_in_the_platforms_words(db, env, mark, words):
    [found] = check_worker(db, settings.read(env | {mark: "1"}).platform, [])

    assert words in found.do


SQL = "INSERT INTO chores (name, started_us, ended_us, problem) VALUES (?, ?, ?, ?)"


def test_doctor_tells_of_those_that_failed_or_never_ended(db):
    now_us = db.now_us()
    rows = [
        ("sweep", now_us, now_us, ""),
        ("inspect", now_us - 3 * 3_600_000_000, None, ""),
        ("prune", now_us, now_us, "it failed (StoreError)"),
        ("look", now_us, now_us, "The inbox file inbox.db is damaged."),  # check_storage tells of that
    ]
    db.commit(lambda tx: tx.executemany(SQL, rows))

    messages = [finding.message for finding in check_worker(db, "", []) if "chore" in finding.message]

    assert messages == [
        "the chore 'inspect' was begun and has not ended",
        "the chore 'prune' did not succeed: it failed (StoreError)",
    ]


def test_of_one_business_nothing_is_said_to_differ_where_all_are_the_workers(db, env):
    env = env | {"SECRET_KEY": "a key for sealing, long enough"}
    assert (
        receiver("sources", "add", "acme", "SLACK_WEBHOOK_URL=https://hooks.slack.com/services/a", **env).returncode
        == 0
    )
    routing = operations.Routing(settings.read(env), load("handlers"), env)
    noted = json.dumps(summarize(routing.activations(db)))
    Runs(db).lead("a-worker", db.now_us(), noted)

    ran = receiver("doctor", "--offline", "--source", "acme", **env)

    assert "acme/slack.post" in noted
    assert "has others than this command" not in ran.stdout
