import os
import signal
import time
from contextlib import suppress

from receiver.errors import NotStored
from tests.support.processes import children_of, is_alive, until


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
