import os
import signal
import sys
import time
from contextlib import suppress

import pytest

from receiver.errors import ConfigurationError, NotStored
from receiver.worker.children import (
    CONFIGURATION_EXIT,
    HARD_LIMIT_EXIT,
    LONGEST_LOOK_S,
    LOOK_EVERY_S,
    REDIS_EXIT,
    UNRESPONSIVE_S,
    Children,
    Heartbeat,
    ending,
)
from tests.support.processes import children_of, is_alive, until

# Of the threads that other tests leave in this process none holds what a child needs.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def kept(bench, key):
    with suppress(NotStored):
        bench.keep(key)
        return True


def test_a_worker_told_to_stop_leaves_no_process_and_the_rest_to_the_next(bench):
    worker = bench.work()
    bench.keep(*[f"d-{n}" for n in range(60)])
    until(lambda: len(bench.notes("toys.slow")) > 4, what="some work")
    children = children_of(worker.pid)

    worker.terminate()

    assert worker.wait(10) == 0
    assert children
    assert [pid for pid in children if is_alive(pid)] == []
    [lease] = bench.db.read("SELECT until_us FROM leases WHERE name = 'dispatcher'")
    assert lease["until_us"] < bench.db.now_us()
    bench.work()
    bench.until_states("toys.slow", ["succeeded"] * 60, within_s=30)
    assert len([line for line in bench.notes("toys.slow") if line.endswith("ends")]) == 60


def test_a_child_that_hangs_where_no_limit_of_its_own_can_end_it_is_replaced(bench):
    hang = bench.wish("toys.moody", "hang")
    worker = bench.work()
    bench.keep("a")
    until(lambda: bench.states("toys.moody") == ["running"], what="the attempt")

    for child in children_of(worker.pid):
        os.kill(child, signal.SIGSTOP)
    time.sleep(0.2)
    hang.unlink()
    until(lambda: kept(bench, "b"), within_s=40, what="an inbox that nobody stopped holds")

    bench.until_states("toys.moody", ["succeeded"] * 2, within_s=40)
    assert sorted(bench.notes("toys.moody")) == ["a 2 1 ", "b 1 0 "]
    assert "no sign of life" in bench.log()


def test_a_heartbeat_ends_the_silence():
    heartbeat = Heartbeat()

    heartbeat.looked_at -= 3
    heartbeat.read()
    silent_s = heartbeat.silent_s
    heartbeat.send(b".")
    heartbeat.read()
    heartbeat.close()

    assert (3 <= silent_s < 4, heartbeat.silent_s, heartbeat.retiring) == (True, 0.0, False)


def test_a_parent_that_was_asleep_counts_no_more_than_a_look():
    heartbeat = Heartbeat()

    heartbeat.looked_at -= 3600
    heartbeat.read()
    heartbeat.close()

    assert heartbeat.silent_s == LONGEST_LOOK_S


def test_who_asked_to_be_replaced_stays_so_while_it_beats_on():
    heartbeat = Heartbeat()

    for mark in (b"R", b"."):
        heartbeat.send(mark)
        heartbeat.read()
    heartbeat.close()

    assert heartbeat.retiring


def test_a_parent_that_does_not_look_stops_no_child():
    heartbeat = Heartbeat()

    for _ in range(70_000):  # a pipe takes 64 KiB
        heartbeat.send(b".")
    heartbeat.read()
    heartbeat.close()

    assert heartbeat.silent_s == 0.0


@pytest.fixture
def start():
    """Starts a child named toy that does this."""
    families = []

    def start(work):
        children = Children({"toy": work})
        families.append(children)
        children.start_missing(["toy"])
        return children

    yield start
    for children in families:
        children.kill(signal.SIGKILL)
        until(lambda children=children: children.reap() is not None and not children.names, what="their end")


def ending_with(code):
    return lambda control: sys.exit(code)


def failing_with(error):
    def work(control):
        raise error

    return work


ENDS = [
    # what the child does                    its code             it rests   the parent tells of it
    (lambda control: None,                   0,                   False,     False),
    (ending_with(HARD_LIMIT_EXIT),           HARD_LIMIT_EXIT,     False,     False),
    (ending_with(REDIS_EXIT),                REDIS_EXIT,          True,      False),
    (failing_with(ConfigurationError("no")), CONFIGURATION_EXIT,  True,      False),
    (failing_with(ValueError("+15550100")),  1,                   True,      True),
    (lambda control: os.kill(os.getpid(), signal.SIGKILL), -signal.SIGKILL, True, True),
]  # fmt: skip


@pytest.mark.parametrize(("work", "code", "rests", "is_told"), ENDS)
def test_how_a_child_ended_decides_when_it_is_started_again(start, caplog, work, code, rests, is_told):
    children = start(work)

    codes = until(children.reap, what="its end")
    again = children.reap()
    children.start_missing(["toy"])

    assert (codes, again) == ({"toy": code}, {})
    assert ("toy" not in children.pids) == rests
    assert (f"the child for toy {ending(code)}" in caplog.text) == is_told


def test_of_a_child_that_has_ended_nothing_stays_open(start):
    children = start(lambda control: None)
    [heartbeat] = children.heartbeats.values()

    until(children.reap, what="its end")

    assert (children.heartbeats, children.names, children.pids) == ({}, {}, {})
    for end in (heartbeat.reader, heartbeat.writer):
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(end)


def retiring(control):
    control.retire()
    control.stop.wait(60)


def look(children):
    """The parent's look at the heartbeats, which it takes once a second."""
    for heartbeat in children.heartbeats.values():
        heartbeat.looked_at -= LOOK_EVERY_S
    children.kill_unresponsive()


def test_a_retiring_child_has_a_successor_beside_it_and_its_end_is_not_that_ones(start):
    children = start(retiring)
    [first] = children.names
    until(lambda: look(children) or "toy" not in children.pids, what="its wish")
    children.child_work = {"toy": lambda control: control.stop.wait(60)}

    children.start_missing(["toy"])
    successor = children.pids["toy"]
    os.kill(first, signal.SIGTERM)
    codes = until(children.reap, what="the end of the first")

    assert (codes, successor != first, children.pids) == ({"toy": 0}, True, {"toy": successor})


def test_a_child_that_gives_no_sign_of_life_is_killed(start, caplog):
    children = start(lambda control: control.stop.wait(60))
    [(pid, heartbeat)] = children.heartbeats.items()
    os.kill(pid, signal.SIGSTOP)
    look(children)  # takes in what it had sent before
    time.sleep(0.1)
    look(children)

    heartbeat.silent_s = UNRESPONSIVE_S
    look(children)

    assert until(children.reap, what="its end") == {"toy": -signal.SIGKILL}
    assert "the child for toy gives no sign of life" in caplog.text


def test_children_are_told_to_end_and_awaited(start):
    children = start(lambda control: control.stop.wait(60))
    until(lambda: children.heartbeats and look(children) is None and all(map(is_beating, children.heartbeats.values())))
    [pid] = children.names

    children.stop()

    assert (children.names, is_alive(pid)) == ({}, False)


def is_beating(heartbeat):
    return heartbeat.silent_s == 0.0
