"""Chores: done by the worker that leads, each for itself, and how they went is kept."""

import threading
import time

import pytest

from receiver import settings
from receiver.errors import StoreError
from receiver.inbox import acquire_leadership
from receiver.worker.chores import OVERRUN_EXIT, Chore, Round, chores
from tests.support.processes import started as started_process
from tests.support.processes import until


def row(db, name):
    rows = db.read("SELECT started_us, ended_us, problem FROM chores WHERE name = ?", (name,))
    return dict(rows[0]) if rows else None


def started(db, chore, owner="us"):
    each = Round(chore, db, owner)
    threading.Thread(target=each.keep_doing, daemon=True).start()
    return each


@pytest.fixture
def leading(db):
    acquire_leadership(db, "us", db.now_us())
    return db


def test_a_chore_is_done_by_the_worker_that_leads_and_by_no_other(leading):
    done = []
    started(leading, Chore(name="theirs", every_s=0.05, limit_s=9, work=lambda: done.append("theirs") or ""), "them")
    started(leading, Chore(name="ours", every_s=0.05, limit_s=9, work=lambda: done.append("ours") or ""))

    until(lambda: len(done) > 3, what="some turns")

    assert set(done) == {"ours"}


def test_how_a_chore_went_is_kept(leading):
    started(leading, Chore(name="fine", every_s=60, limit_s=9, work=lambda: ""))
    started(leading, Chore(name="odd", every_s=60, limit_s=9, work=lambda: "The file is damaged."))

    until(lambda: row(leading, "fine") and row(leading, "odd"), what="two records")

    assert [row(leading, name)["problem"] for name in ("fine", "odd")] == ["", "The file is damaged."]
    assert row(leading, "fine")["ended_us"] >= row(leading, "fine")["started_us"]


def fail_with(error):
    def work():
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (StoreError("it is locked"),       "it failed (it is locked)"),
        (ValueError("Ada, +15550100"),     "it failed (ValueError)"),
    ],
)  # fmt: skip
def test_one_that_fails_stops_no_other_and_is_done_again(leading, error, problem):
    done = []
    bad = started(leading, Chore(name="bad", every_s=0.05, limit_s=9, work=fail_with(error)))
    started(leading, Chore(name="good", every_s=0.05, limit_s=9, work=lambda: done.append(1) or ""))

    until(lambda: len(done) > 3 and row(leading, "bad"), what="some turns")

    assert row(leading, "bad")["problem"] == problem
    assert bad.recorded[1] == problem


def test_one_that_takes_too_long_is_known(leading):
    release = threading.Event()
    slow = started(leading, Chore(name="slow", every_s=60, limit_s=0.1, work=lambda: release.wait(9) and ""))

    until(slow.overran, what="the overrun")
    release.set()

    until(lambda: not slow.overran(), what="its end")


def test_one_whose_last_turn_never_ended_waits_for_its_next_time(leading):
    sql = "INSERT INTO chores (name, started_us, ended_us) VALUES (?, ?, NULL)"
    leading.commit(lambda tx: tx.execute(sql, ("stuck", leading.now_us() - 10_000_000)))
    chore = Chore(name="stuck", every_s=100, limit_s=9, work=lambda: "")

    assert 80 < Round(chore, leading, "us").first_rest_s() <= 90
    assert Round(Chore(name="new", every_s=100, limit_s=9, work=lambda: ""), leading, "us").first_rest_s() == 0


def test_one_that_was_begun_by_a_clock_that_was_ahead_is_done_at_once(leading):
    sql = "INSERT INTO chores (name, started_us, ended_us) VALUES (?, ?, NULL)"
    leading.commit(lambda tx: tx.execute(sql, ("ahead", leading.now_us() + 10**14)))
    chore = Chore(name="ahead", every_s=86_400, limit_s=9, work=lambda: "")

    assert Round(chore, leading, "us").first_rest_s() == 0


def test_the_worker_does_them(bench):
    bench.work()

    until(lambda: row(bench.db, "inspect the inbox"), what="the first inspection")
    until(lambda: row(bench.db, "take over abandoned runs"), what="the first look for abandoned runs")

    names = [chore.name for chore in chores(settings.read(bench.env), [], bench.db)]
    assert sorted(names) == [
        "count the calls",
        "empty the pen",
        "end owed deletions",
        "erase persons",
        "forget erasures",
        "inspect the inbox",
        "learn what InboundFlow sends",
        "listen for silence",
        "note what became of jobs",
        "open the runs of the day",
        "take over abandoned runs",
        "watch what needs attention",
        "work on jobs",
    ]
    assert time.time() * 1e6 - row(bench.db, "inspect the inbox")["started_us"] < 60e6


def test_a_rare_chore_is_done_as_soon_as_the_worker_leads(db):
    started(db, Chore(name="rare", every_s=86_400, limit_s=9, work=lambda: ""))
    time.sleep(0.2)  # its first look is over

    acquire_leadership(db, "us", db.now_us())

    until(lambda: row(db, "rare"), within_s=5, what="its first turn")


HANGING = """
import os, threading, time
from receiver import settings
from receiver.operations import Routing
from receiver.worker.chores import Chore, do_chores
from receiver.worker.crashes import Crashes
from receiver.worker.children import ChildControl, Heartbeat

def rows(_settings, _activations, db, _observer):
    return [
        Chore(name="hangs", every_s=3600, limit_s=0.5, work=lambda: time.sleep(60) or ""),
        Chore(name="goes on", every_s=0.05, limit_s=9, work=lambda: ""),
    ]

do_chores(settings.read(os.environ), Routing(None, {}, {}), rows, "us", Crashes(), ChildControl(Heartbeat(), os.getppid()))
"""


def test_one_that_takes_too_long_ends_its_process_and_the_others_have_gone_on_until_then(leading, env):
    with started_process("-c", HANGING, env=env) as process:
        while process.poll() is None:  # on a busy machine it starts later than a lease lasts
            acquire_leadership(leading, "us", leading.now_us())
            time.sleep(0.2)
        code = process.wait()

    assert code == OVERRUN_EXIT
    assert row(leading, "goes on")["problem"] == ""
    assert row(leading, "hangs")["ended_us"] is None


def test_what_is_old_is_pruned_where_retention_days_says_how_old(db, env):
    named = [
        {chore.name: chore.work for chore in chores(settings.read(env | days), [], db)}
        for days in ({}, {"RETENTION_DAYS": "90"})
    ]

    assert ["prune the inbox" in names for names in named] == [False, True]
    assert named[1]["prune the inbox"]() == ""
