"""Attempts are told of as they ended, by whichever process made them, and so are those that ended with it."""

import pytest

from tests.support.processes import started, until
from tests.support.tools import tuples

WORKER = """
import logging, os, sys
from receiver import settings, worker
from receiver.telemetry import WorkerObserver
logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
worker.serve(settings.read(os.environ), "tests.toys", observe=WorkerObserver)
"""
SUMS = "SELECT labels, value FROM metrics WHERE name = ? ORDER BY labels"


def sums(db, name):
    return dict(tuples(db.read(SUMS, (name,))))


def test_attempts_are_counted_by_handler_state_and_failure(bench):
    bench.wish("toys.moody", "die-once")
    with started("-c", WORKER, env=bench.env, stdout=(bench.dir / "log").open("w"), stderr=-2) as worker:
        bench.keep("a")
        bench.until_states("toys.moody", ["succeeded"])
        bench.wish("toys.moody", "give-up")
        bench.keep("b")
        bench.until_states("toys.moody", ["succeeded", "dead"])
        alive = tuples(bench.db.read("SELECT kind FROM heartbeats"))
        worker.terminate()
        assert worker.wait(20) == 0

    attempts = sums(bench.db, "inboundflow_attempts")
    assert {labels: number for labels, number in attempts.items() if "moody" in labels} == {
        '["toys.moody", "dead", "gave-up"]': 1,
        '["toys.moody", "lost", "worker-lost"]': 1,
        '["toys.moody", "succeeded", ""]': 1,
    }
    times = sums(bench.db, "inboundflow_attempt_seconds")
    assert sum(number for labels, number in times.items() if "moody" in labels and "sum" not in labels) == 2
    assert (alive, tuples(bench.db.read("SELECT kind FROM heartbeats"))) == ([("worker",)], [])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_attempt_that_overran_is_counted_though_its_process_ends_by_it(bench):
    hang = bench.wish("toys.moody", "hang")
    with started("-c", WORKER, env=bench.env, stdout=(bench.dir / "log").open("w"), stderr=-2):
        bench.keep("a")
        attempts = until(
            lambda: (
                (found := sums(bench.db, "inboundflow_attempts")) and found.get('["toys.moody", "retrying", "overran"]')
            ),
            within_s=25,
        )
        hang.unlink()

    assert attempts == 1
