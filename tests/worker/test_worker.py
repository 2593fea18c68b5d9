"""The worker as it runs: its own process, its children, a real Redis."""

import os
import signal
import time
import zlib
from contextlib import suppress

import pytest
from redis import Redis

from receiver.errors import NotStored
from receiver.operations import resume
from tests.support.processes import children_of, is_alive, until
from tests.support.tools import tuples


def kept(bench, key):
    with suppress(NotStored):
        bench.keep(key)
        return True


def test_each_handler_gets_each_delivery_that_it_takes_once(bench):
    bench.work()

    bench.keep("a", "b", "c")
    bench.keep("d", event="lead.created")
    bench.keep("e", event="call.exploded")

    bench.until_states("toys.steady", ["succeeded"] * 5)
    bench.until_states("toys.moody", ["succeeded"] * 3)
    assert sorted(bench.notes("toys.steady")) == [f"{key} 1 0 " for key in "abcde"]
    assert sorted(bench.notes("toys.moody")) == [f"{key} 1 0 " for key in "abc"]


def test_a_handler_that_hangs_delays_no_other(bench):
    bench.wish("toys.moody", "hang")
    bench.work()

    for n in range(30):
        bench.keep(f"d-{n}")

    bench.until_states("toys.steady", ["succeeded"] * 30, within_s=5)
    assert bench.notes("toys.moody") == []


def test_an_attempt_past_its_limit_ends_its_process_and_is_made_again(bench):
    hang = bench.wish("toys.moody", "hang")
    bench.work()

    bench.keep("a")
    until(lambda: "ending its process" in bench.log(), what="the hard limit")
    hang.unlink()

    bench.until_states("toys.moody", ["succeeded"])
    assert bench.notes("toys.moody") == ["a 2 1 "]


def test_a_run_whose_process_died_in_the_attempt_is_made_again_and_told_that_it_is_unsure(bench):
    bench.wish("toys.moody", "die-once")
    bench.work()

    bench.keep("a")

    bench.until_states("toys.moody", ["succeeded"], within_s=15)
    assert bench.notes("toys.moody") == ["a 2 1 "]
    assert tuples(bench.db.read("SELECT number, result FROM attempts WHERE run_id = "
            "(SELECT id FROM runs WHERE handler = 'toys.moody')")) == [(1, "lost"), (2, "succeeded")]  # fmt: skip


def test_a_killed_worker_loses_nothing_and_doubles_nothing(bench):
    keys = [f"d-{n}" for n in range(60)]
    worker = bench.work()
    bench.keep(*keys)
    until(lambda: len(bench.notes("toys.slow")) > 20, what="some work")

    os.killpg(worker.pid, signal.SIGKILL)
    bench.work()

    bench.until_states("toys.steady", ["succeeded"] * 60, within_s=40)
    bench.until_states("toys.slow", ["succeeded"] * 60, within_s=60)
    ends = [line.split()[0] for line in bench.notes("toys.steady")]
    assert set(ends) == set(keys)


@pytest.mark.parametrize(
    ("wish", "state", "result"),
    [
        ("raise",   "retrying", "failed"),
        ("retry",   "retrying", "retry"),
        ("give-up", "dead",     "gave-up"),
        ("pause",   "retrying", "pause"),
    ],
)  # fmt: skip
def test_what_a_handler_raises_decides_what_becomes_of_its_run(bench, wish, state, result):
    bench.wish("toys.moody", wish)
    bench.work()

    bench.keep("a")

    bench.until_states("toys.moody", [state])
    assert [row["result"] for row in bench.db.read("SELECT result FROM attempts AS a JOIN runs AS r "
            "ON r.id = a.run_id WHERE r.handler = 'toys.moody'")] == [result]  # fmt: skip


def test_a_pause_holds_later_runs_until_it_ends(bench):
    wish = bench.wish("toys.moody", "pause")
    bench.work()
    bench.keep("a")
    until(lambda: bench.db.read("SELECT 1 FROM pauses"), what="the pause")
    wish.unlink()
    until(lambda: "When it is fixed: sudo inboundflow resume toys.moody\n" in bench.log(), what="what to do")

    bench.keep("b")
    bench.until_states("toys.steady", ["succeeded"] * 2)
    assert bench.attempts("toys.moody") == [
        1,
        0,
    ]  # one may be queued by a look from before the pause: no worker takes it

    resume(bench.db, "toys.moody", "")
    bench.until_states("toys.moody", ["succeeded"] * 2)


def test_runs_of_one_call_never_overlap_and_start_oldest_first(bench):
    bench.keep(*[f"d-{n}" for n in range(8)], call_id="one")

    bench.work()

    bench.until_states("toys.slow", ["succeeded"] * 8)
    assert [line.split()[0::3] for line in bench.notes("toys.slow")] == [
        [f"d-{n}", edge] for n in range(8) for edge in ("begins", "ends")
    ]


def test_a_flushed_redis_forgets_nothing_that_matters(bench):
    bench.work()
    bench.keep(*[f"d-{n}" for n in range(40)])
    until(lambda: len(bench.notes("toys.slow")) > 4, what="some work")

    Redis(unix_socket_path=str(bench.dir / "redis.sock")).flushall()

    bench.until_states("toys.slow", ["succeeded"] * 40)
    assert len(bench.notes("toys.slow")) == 80


@pytest.mark.parametrize("trouble", ["restarted", "hung"])
def test_work_resumes_by_itself_when_redis_returns(bench, trouble):
    bench.work()
    bench.keep("before")
    bench.until_states("toys.steady", ["succeeded"])

    if trouble == "hung":
        bench.redis.send_signal(signal.SIGSTOP)
    else:
        bench.redis.kill()
    bench.keep(*[f"d-{n}" for n in range(5)])
    until(lambda: "deliveries are kept, runs wait" in bench.log(), what="the warning")
    if trouble == "hung":
        bench.redis.send_signal(signal.SIGCONT)
    else:
        bench.restart_redis()

    bench.until_states("toys.steady", ["succeeded"] * 6, within_s=10)
    assert len(bench.notes("toys.steady")) == 6


def test_no_callers_data_reaches_redis_or_the_log_even_when_a_handler_raises_it(bench):
    bench.wish("toys.moody", "raise")
    bench.work()
    redis = Redis(unix_socket_path=str(bench.dir / "redis.sock"))
    seen = set()

    bench.keep(*[f"d-{n}" for n in range(20)])
    until(lambda: scan(redis, seen) or bench.states("toys.moody").count("retrying") == 20, what="twenty failures")
    scan(redis, seen)

    assert len(bench.log().splitlines()) > 20
    assert seen
    assert [text for text in (*seen, bench.log().encode()) if b"5550100" in text or b"caller_phone" in text] == []


def scan(redis, seen):
    """Add every key and value in Redis to `seen`, compressed ones unpacked."""
    for key in redis.scan_iter():
        seen.add(key)
        kind = redis.type(key)
        if kind == b"hash":
            for name, value in redis.hgetall(key).items():
                seen.update((name, unpacked(value)))
        elif kind == b"list":
            seen.update(redis.lrange(key, 0, -1))
        elif kind == b"string":
            seen.add(redis.get(key) or b"")


def unpacked(value):
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value


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
