"""A handler's process serves all of its targets; what one of them does is no other's affair."""

import time

import pytest

from receiver import queue, settings
from receiver.dispatch import JOB_RUNS
from receiver.queue import RunQueue
from receiver.registry import Lane
from receiver.store import inbox_name
from tests.support.processes import children_of, until

pytestmark = [pytest.mark.timed, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def lanes(bench):
    """A bench whose handler has these targets."""

    def make(*names):
        bench.database_env["TOYS_TARGETS"] = " ".join(names)
        return bench

    return make


def arrived(bench, name):
    """The deliveries that arrived at a target, in order."""
    return [words[0] for words in map(str.split, bench.notes("toys.many")) if words[3] == name]


def pids(bench):
    return {line.split()[4] for line in bench.notes("toys.many")}


def test_a_hundred_targets_are_served_by_one_process(lanes):
    bench = lanes(*[f"t{n}" for n in range(100)])
    worker = bench.work()

    bench.keep("a", "b")
    until(lambda: len(bench.notes("toys.many")) == 200, within_s=30, what="a run for each target")

    assert len(pids(bench)) == 1
    assert len(children_of(worker.pid)) <= 6  # the dispatcher, the chores, and the four toys that take this event


def test_a_target_that_hangs_delays_no_other(lanes):
    bench = lanes("stuck", "free")
    hang = bench.wish("toys.many", "stuck.hang")
    bench.work()

    bench.keep(*[f"d-{n}" for n in range(40)])
    until(lambda: len(arrived(bench, "free")) == 40, within_s=5, what="the other target's forty")

    assert arrived(bench, "stuck") == []
    hang.unlink()


def test_an_attempt_that_overruns_costs_no_other_target_an_attempt(lanes):
    bench = lanes("stuck", "steady")
    hang = bench.wish("toys.many", "stuck.hang")
    bench.wish("toys.many", "steady.slow")
    bench.work()
    bench.keep("first")

    kept = 1
    while len(pids(bench)) < 2 and kept < 160:  # for as long as it takes until the process has been replaced
        bench.keep(f"d-{kept}")
        kept += 1
        time.sleep(0.25)
    hang.unlink()
    until(lambda: len(arrived(bench, "steady")) == kept, within_s=30, what="all of the steady target's")

    assert "ending its process" in bench.log()
    assert len(pids(bench)) > 1
    attempts = bench.db.read("SELECT attempts FROM runs WHERE target = 'steady'")
    assert {row["attempts"] for row in attempts} == {1}


def test_a_busy_target_leaves_the_others_their_turn(lanes):
    bench = lanes("busy", "other")
    bench.wish("toys.many", "busy.slow")
    bench.keep(*[f"d-{n}" for n in range(60)])
    bench.work()

    until(lambda: len(arrived(bench, "other")) == 60, within_s=10, what="the other target's sixty")

    assert len(arrived(bench, "busy")) < 60


def test_a_target_is_never_called_more_often_at_once_than_its_handler_allows(lanes):
    bench = lanes("busy", "other")
    bench.wish("toys.many", "busy.slow")
    bench.keep(*[f"d-{n}" for n in range(60)])
    bench.work()

    until(lambda: arrived(bench, "busy"), what="the first")
    began = time.monotonic()
    until(lambda: len(arrived(bench, "busy")) == 60, within_s=20, what="the busy target's sixty")

    assert time.monotonic() - began > (60 - 4) / 4 * 0.5 - 0.5


def waiting_in_redis(bench, name):
    return RunQueue(queue.connect(settings.read(bench.env)), inbox_name(bench.db)).waiting(Lane("", "toys.many", name))


def queued(bench, name):
    rows = bench.db.read("SELECT id FROM runs WHERE target = ? AND state = 'queued'", (name,))
    return {row["id"] for row in rows}


def test_what_waits_for_a_full_lane_stays_in_redis(lanes):
    bench = lanes("stuck", "free")
    bench.wish("toys.many", "stuck.hang")
    bench.keep(*[f"d-{n}" for n in range(160)])
    bench.work()

    until(lambda: len(arrived(bench, "free")) == 160, within_s=10, what="the other target's")

    assert len(waiting_in_redis(bench, "stuck")) >= 160 - 3 * JOB_RUNS


def test_a_worker_that_ends_leaves_nothing_queued_that_has_no_job(lanes):
    bench = lanes("stuck")
    bench.wish("toys.many", "stuck.hang")
    bench.keep(*[f"d-{n}" for n in range(40)])
    worker = bench.work()
    until(lambda: "running" in bench.states("toys.many"), what="the first attempts")

    worker.terminate()
    worker.wait()

    assert queued(bench, "stuck") <= waiting_in_redis(bench, "stuck")
