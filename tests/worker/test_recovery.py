"""Worker and Redis are killed at once (kill -9) and started again: how long until the last effect, and each once."""

import time

import pytest

from receiver.inbox import Attempts
from receiver.store import FromNow
from tests.support.processes import children_of, kill, until
from tests.support.standstill import stop_between_commits

pytestmark = pytest.mark.timed

KEYS = [f"key-{n}" for n in range(20)]
CLAIMED = 3
AT_ONCE_S, TIMEOUT_S = 10, 2


def processes(bench, worker):
    """The processes of handlers, each with the name by which it claims runs."""
    names = [path.name for path in (bench.dir / "workers").iterdir() if not path.name.startswith(".")]
    return {int(name.split("-")[0]): name for name in names if int(name.split("-")[0]) in children_of(worker.pid)}


def kill_all(bench, worker):
    for pid in children_of(worker.pid):
        kill(pid)
    kill(worker.pid)
    worker.wait()
    bench.redis.kill()


def start_again(bench):
    began = time.monotonic()
    bench.restart_redis()
    bench.work()
    return began


def test_where_no_call_was_under_way_all_is_done_at_once(bench):
    worker = bench.work()
    bench.keep("warm", event="lead.created")
    bench.until_states("toys.steady", ["succeeded"], within_s=60)
    owners = processes(bench, worker)
    stop_between_commits(bench.db, owners)
    bench.keep(*KEYS, event="lead.created")
    bench.until_states("toys.steady", ["succeeded", *["queued"] * len(KEYS)], within_s=60)
    kill_all(bench, worker)
    ids = [row["id"] for row in bench.db.read("SELECT id FROM runs WHERE handler = 'toys.steady' ORDER BY id")]
    claims = Attempts(bench.db).claim(ids[1 : CLAIMED + 1], next(iter(owners.values())), FromNow())  # as its last act
    assert len(claims) == CLAIMED

    began = start_again(bench)
    bench.until_states("toys.steady", ["succeeded"] * (len(KEYS) + 1), within_s=60)
    took_s = time.monotonic() - began

    print(f"the last of {len(KEYS)} effects {took_s:.1f} s after the restart")
    assert sorted(line.split()[0] for line in bench.notes("toys.steady")) == sorted([*KEYS, "warm"])
    assert bench.attempts("toys.steady") == [1, *[2] * CLAIMED, *[1] * (len(KEYS) - CLAIMED)]
    assert took_s < AT_ONCE_S


def test_a_call_that_was_under_way_is_made_again_once_its_time_is_over(bench):
    hang = bench.wish("toys.moody", "hang")
    worker = bench.work()
    bench.keep("a")
    until(lambda: bench.states("toys.moody") == ["running"], within_s=60, what="the call")
    time.sleep(0.2)  # its thread is in the handler by then
    kill_all(bench, worker)
    hang.unlink()

    start_again(bench)
    bench.until_states("toys.moody", ["succeeded"], within_s=60)

    [first, second] = bench.db.read(
        "SELECT a.started_us AS us FROM attempts AS a JOIN runs AS r ON r.id = a.run_id "
        "WHERE r.handler = 'toys.moody' ORDER BY a.number"
    )
    took_s = (second["us"] - first["us"]) / 1e6
    print(f"the repeat {took_s:.1f} s after the call began")
    assert bench.notes("toys.moody") == ["a 2 1 "]
    assert took_s > TIMEOUT_S
