"""Leases go by the database's own clock: a process at Postgres may believe what it likes."""

import time

import pytest

from receiver import queue, settings, store
from receiver.dispatch import Dispatcher
from receiver.events import Delivery
from receiver.inbox import LEADER_LEASE_US, RUN_LEASE_US, Attempts, Backlog, Inbox, is_leader, is_led
from receiver.registry import Lane
from receiver.store import FromNow
from receiver.worker.abandoned import TakeOver

SECOND = 1_000_000
STEPS_S = [3600, -3600, 8]
SPENT_US = 4 * SECOND  # half of the least step: on a busy machine a few statements take a second
STEPS = pytest.mark.parametrize("step_s", STEPS_S)
WRONG_ONE = pytest.mark.parametrize("wrong", ["who has it", "who wants it"])
pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@pytest.fixture
def processes(env, db):
    """Two of them: the first believes the time to be another than the second does."""
    databases = [store.connect(settings.read(env)) for _ in range(2)]
    yield databases
    for each in databases:
        each.close()


def mislead(db, step_s):
    """Until it looks at the server's clock the next time."""
    db.read("SELECT 1 AS n")
    db.clock.offset_us += step_s * SECOND
    db.clock.read_at = time.monotonic() + 60


def in_order(processes, wrong):
    return processes if wrong == "who has it" else processes[::-1]


def dispatcher(db, owner):
    return Dispatcher(Backlog(db), queue.RunQueue(None), [], owner)


def a_run(db):
    Inbox(db).keep(Delivery(key="a", event="x", body=b"{}", received_us=1))
    [row] = Backlog(db).undispatched(1)
    Backlog(db).open([(row, Lane("", "toy", ""))], [row["id"]], 1)
    return 1


@STEPS
@WRONG_ONE
def test_leadership_is_neither_taken_from_who_has_it_nor_kept_longer(processes, db, step_s, wrong):
    has, wants = in_order(processes, wrong)
    mislead(processes[0], step_s)

    leads = [dispatcher(has, "one").renew_leadership(), dispatcher(wants, "two").renew_leadership()]

    assert leads == [True, False]
    assert [is_led(each) and is_leader(each, "one") for each in processes] == [True, True]
    [row] = db.read("SELECT until_us - ? AS us FROM leases", (FromNow(),))
    assert LEADER_LEASE_US - SPENT_US < row["us"] <= LEADER_LEASE_US
    assert db.read("SELECT 1 FROM facts WHERE name = 'clock'") == []


@STEPS
@WRONG_ONE
def test_a_run_is_neither_taken_from_who_has_it_nor_kept_longer(processes, db, step_s, wrong):
    has, wants = in_order(processes, wrong)
    run, take_over = a_run(db), TakeOver(wants, [])
    mislead(processes[0], step_s)

    [claim] = Attempts(has).claim([run], "us", FromNow())
    renewed = Attempts(has).renew("us", [run], FromNow())
    take_over()
    mislead(wants, step_s)
    take_over()

    assert (claim.id, renewed) == (run, [run])
    [row] = db.read("SELECT state, lease_until_us - ? AS us FROM runs", (FromNow(),))
    assert (row["state"], RUN_LEASE_US - SPENT_US < row["us"] <= RUN_LEASE_US) == ("running", True)
    [row] = db.read("SELECT ? - started_us AS us FROM attempts", (FromNow(),))
    assert 0 <= row["us"] < SPENT_US


def test_a_server_whose_clock_is_set_forward_loses_no_run(processes, db):
    """Who takes over looks at that clock each time, so it sees the step before it goes by it."""
    take_over = TakeOver(db, [])
    Attempts(db).claim([a_run(db)], "us", FromNow())
    take_over()

    hour = 3600 * SECOND
    db.commit(lambda tx: tx.execute("UPDATE runs SET lease_until_us = lease_until_us - ?", (hour,)))
    db.commit(lambda tx: tx.execute("UPDATE attempts SET started_us = started_us - ?", (hour,)))
    take_over.offset_us -= hour
    take_over()

    assert [row["state"] for row in db.read("SELECT state FROM runs")] == ["running"]
