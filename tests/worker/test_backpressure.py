"""A handler's process that has more slots than its database keeps up with."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from receiver.worker.backpressure import Backpressure
from tests.support.processes import until
from tests.support.tools import tuples

TARGETS = 100
DELIVERIES = 3


SLOW_CLAIMS = [
    "CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.025); RETURN NEW; END'",
    "CREATE TRIGGER slow BEFORE UPDATE ON runs FOR EACH ROW "
    "WHEN (NEW.state = 'running' AND OLD.state <> 'running') EXECUTE FUNCTION be_slow()",
]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_with_a_slow_database_each_run_is_sent_once_and_none_is_lost(bench):
    """All claims at once would take longer than a lease, which begins when they are asked for."""
    for statement in SLOW_CLAIMS:
        bench.db.commit(lambda tx, statement=statement: tx.execute(statement))
    bench.database_env["TOYS_TARGETS"] = " ".join(f"t{number}" for number in range(TARGETS))
    keys = [f"d-{number}" for number in range(DELIVERIES)]
    bench.keep(*keys)
    bench.work()

    bench.until_states("toys.many", ["succeeded"] * TARGETS * DELIVERIES, within_s=120)

    sent = [line.split()[:4:3] for line in bench.notes("toys.many")]
    assert sorted(sent) == sorted([key, f"t{number}"] for key in keys for number in range(TARGETS))
    assert set(tuples(bench.db.read("SELECT number, result FROM attempts AS a JOIN runs AS r ON r.id = a.run_id "
                                    "WHERE r.handler = 'toys.many'"))) == {(1, "succeeded")}  # fmt: skip


@pytest.fixture
def pool():
    with ThreadPoolExecutor(20) as pool:
        yield pool


class Claims:
    """Threads that each claim once, and end that when they are told to."""

    def __init__(self, pool, backpressure):
        self.pool = pool
        self.backpressure = backpressure
        self.begun = []
        self.ends = {}

    def asked(self):
        return len(self.begun) + sum(map(len, self.backpressure.lines.values()))

    def begin(self, *names):
        """In this order; the first letter of a name is its lane."""
        for name in names:
            before = self.asked()
            self.ends[name] = threading.Event()
            self.pool.submit(self.claim, name)
            until(lambda before=before: self.asked() > before)

    def claim(self, name):
        with self.backpressure.turn(name[0]):
            self.begun.append(name)
            self.ends[name].wait(10)

    def end(self, name, then=""):
        """Until another has begun."""
        self.ends[name].set()
        until(lambda: not then or then in self.begun)


def test_so_many_claim_at_once_and_no_job_is_taken_while_others_wait_to(pool):
    claims = Claims(pool, backpressure := Backpressure(at_once=2))

    claims.begin("a", "b")
    assert backpressure.has_no_line.is_set()
    claims.begin("c", "d")
    assert (sorted(claims.begun), backpressure.has_no_line.is_set()) == (["a", "b"], False)

    claims.end("b", then="c")
    assert not backpressure.has_no_line.is_set()
    claims.end("a", then="d")
    assert backpressure.has_no_line.is_set()
    for name in "cd":
        claims.end(name)
    until(lambda: backpressure.free == 2)


def test_each_lane_has_a_turn_in_its_turn_however_many_of_one_wait(pool):
    claims = Claims(pool, Backpressure(at_once=1))
    claims.begin("a1", "a2", "a3", "a4", "b1", "b2", "c1")

    for name, then in itertools.pairwise(["a1", "a2", "b1", "c1", "a3", "b2", "a4"]):
        claims.end(name, then)
        assert claims.begun[-1] == then
    claims.end("a4")


def test_a_claim_that_fails_leaves_its_place():
    backpressure = Backpressure(at_once=1)
    with pytest.raises(ZeroDivisionError), backpressure.turn("a"):
        raise ZeroDivisionError

    assert backpressure.free == 1
