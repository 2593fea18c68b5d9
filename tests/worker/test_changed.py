"""A real worker that starts again after a token was revoked: the log never says "on" of what is on hold."""

import pytest

from receiver.operations import paused
from tests.support.processes import kill_group, until


def start_again(bench, worker, **env):
    kill_group(worker.pid)
    worker.wait()
    (bench.dir / "worker.log").unlink()
    bench.database_env = bench.database_env | env
    return bench.work()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_pause_ends_by_itself_once_its_variables_are_right_and_not_before(bench):
    bench.keep("a", "b", "c")
    bench.wish("toys.moody", "pause")
    worker = bench.work()
    until(lambda: paused(bench.db), what="the pause")
    assert "handler toys.moody is on" in bench.log()

    worker = start_again(bench, worker)
    until(lambda: "toys.steady is on" in bench.log(), what="the announcement")
    same = bench.log()
    worker = start_again(bench, worker, TOYS_TOKEN="wrong")
    until(lambda: "toys.moody is paused" in bench.log(), what="the second pause")
    wrong = bench.log()
    start_again(bench, worker, TOYS_TOKEN="right")
    bench.until_states("toys.moody", ["succeeded"] * 3)

    assert "handler toys.moody is on hold since" in same
    assert "sudo inboundflow resume toys.moody" in same
    assert "its variables have changed: one run tries it" in wrong
    assert [log for log in (same, wrong) if "handler toys.moody is on\n" in log or "answers again" in log] == []
    assert sum(bench.attempts("toys.moody")) <= 3 + 2 + 2  # those that met a refusal, and no more than the probe again
    assert paused(bench.db) == []
