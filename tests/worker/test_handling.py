import pytest

from receiver.operations import resume
from tests.support.processes import until
from tests.support.tools import tuples


def test_each_handler_gets_each_delivery_that_it_takes_once(bench):
    bench.work()

    bench.keep("a", "b", "c")
    bench.keep("d", event="lead.created")
    bench.keep("e", event="call.exploded")

    bench.until_states("toys.steady", ["succeeded"] * 5)
    bench.until_states("toys.moody", ["succeeded"] * 3)
    assert sorted(bench.notes("toys.steady")) == [f"{key} 1 0 " for key in "abcde"]
    assert sorted(bench.notes("toys.moody")) == [f"{key} 1 0 " for key in "abc"]


def test_a_run_whose_process_died_in_the_attempt_is_made_again_and_told_that_it_is_unsure(bench):
    bench.wish("toys.moody", "die-once")
    bench.work()

    bench.keep("a")

    bench.until_states("toys.moody", ["succeeded"], within_s=15)
    assert bench.notes("toys.moody") == ["a 2 1 "]
    assert tuples(bench.db.read("SELECT number, result FROM attempts WHERE run_id = "
            "(SELECT id FROM runs WHERE handler = 'toys.moody')")) == [(1, "lost"), (2, "succeeded")]  # fmt: skip


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
