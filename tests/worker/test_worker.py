"""The worker as it runs: its own process, its children, a real Redis."""

import os
import signal
import zlib

from redis import Redis

from tests.support.processes import until


def test_a_handler_that_hangs_delays_no_other(bench):
    bench.wish("toys.moody", "hang")
    bench.work()

    for n in range(30):
        bench.keep(f"d-{n}")

    bench.until_states("toys.steady", ["succeeded"] * 30, within_s=5)
    assert bench.notes("toys.moody") == []


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


def test_no_callers_data_reaches_redis_or_the_log_even_when_a_handler_raises_it(bench):
    bench.wish("toys.moody", "raise")
    bench.work()
    redis = Redis(unix_socket_path=str(bench.dir / "redis.sock"))
    seen = set()

    bench.keep(*[f"d-{n}" for n in range(20)])
    until(lambda: scan(redis, seen) or "in a row" in bench.log(), what="failures enough to hold it")
    scan(redis, seen)

    assert len(bench.log().splitlines()) > 5
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
