import signal

import pytest
from redis import Redis

from tests.support.processes import until


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
