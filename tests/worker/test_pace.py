"""Batches, pace, and what was done before for the same call, with a real worker."""

from collections import Counter

from receiver.queue import AHEAD_US
from tests.support.processes import until


def times(bench):
    return sorted(float(line.split()[3]) for line in bench.notes("toys.paced"))


def test_what_waits_is_handed_to_a_batch_handler_together_and_each_run_ends_by_itself(bench):
    bench.keep("a", "b", "unlucky", "d", "e", event="call.transferred")

    bench.work()

    bench.until_states("toys.bundled", ["succeeded", "succeeded", "dead", "succeeded", "succeeded"])
    assert [line.split()[3] for line in bench.notes("toys.bundled")] == ["a+b+unlucky+d"] * 3 + ["e"]


def none_waits(states, wanted):
    return len(states) == wanted and "pending" not in states


def next_turn_in(bench, us):
    sql = "UPDATE throttles SET next_us = ? WHERE handler = 'toys.gathering'"
    bench.db.commit(lambda tx: tx.execute(sql, (bench.db.now_us() + us,)))


def test_what_came_one_by_one_is_taken_together_when_its_turn_comes(bench):
    bench.work()
    bench.keep("first", event="lead.created")
    bench.until_states("toys.gathering", ["succeeded"])

    next_turn_in(bench, AHEAD_US - 100_000)  # so long they come one by one, each handed out by itself
    for n in range(8):
        bench.keep(f"d-{n}", event="lead.created")
        bench.db.nudge()
        until(lambda wanted=n + 2: none_waits(bench.states("toys.gathering"), wanted), what="a job of its own")

    bench.until_states("toys.gathering", ["succeeded"] * 9, within_s=30)
    calls = Counter(line.split()[3] for line in bench.notes("toys.gathering"))
    assert sum(calls.values()) == 9
    assert len(calls) < 9


def test_a_batch_is_of_one_kind_of_event(bench):
    for n in range(3):
        bench.keep(f"transfer-{n}", event="call.transferred")
        bench.keep(f"odd-{n}", event="call.exploded")

    bench.work()

    bench.until_states("toys.bundled", ["succeeded"] * 6)
    assert {line.split()[3] for line in bench.notes("toys.bundled")} == {
        "transfer-0+transfer-1+transfer-2", "odd-0+odd-1+odd-2",
    }  # fmt: skip


def test_a_pace_is_kept_by_all_workers_together(bench):
    workers = 2
    for _ in range(workers):
        bench.work()

    bench.keep(*[f"d-{n}" for n in range(20)], event="appointment.booked")

    bench.until_states("toys.paced", ["succeeded"] * 20, within_s=60)
    began = times(bench)
    assert began[-1] - began[0] > 3  # 19 pauses of 0.2 s, less what the first was late
    assert len(bench.notes("toys.paced")) == 20


def test_a_destination_that_asks_for_rest_gets_it_from_all_runs(bench):
    bench.wish("toys.paced", "busy")
    bench.work()

    bench.keep("first", event="appointment.booked")
    until(lambda: bench.states("toys.paced") == ["retrying"], what="the refusal")
    refused_us = bench.db.now_us()
    bench.keep("second", event="appointment.booked")

    bench.until_states("toys.paced", ["succeeded"] * 2)
    assert min(times(bench)) * 1e6 > refused_us + 1_500_000
    assert {line.split()[0]: line.split()[4] for line in bench.notes("toys.paced")} == {
        "first": "failed:retry-later", "second": "failed:",
    }  # fmt: skip


def test_a_handler_sees_what_it_did_for_the_same_call(bench):
    bench.work()

    bench.keep("a", "b", event="appointment.booked", call_id="one")
    bench.keep("x", event="appointment.booked", call_id="two")

    bench.until_states("toys.paced", ["succeeded"] * 3)
    seen = {line.split()[0]: line.partition("after:")[2] for line in bench.notes("toys.paced")}
    assert seen == {"a": "", "b": "noted a", "x": ""}


def test_what_a_handler_was_narrowed_out_of_is_skipped_with_the_reason(bench):
    bench.database_env["TOYS_URGENCY"] = "high"
    bench.work()

    bench.keep("a", urgency="low")
    bench.keep("b", urgency="high")

    bench.until_states("toys.steady", ["skipped", "succeeded"])
    assert bench.db.read("SELECT last_error FROM runs WHERE handler = 'toys.steady' AND state = 'skipped'")[0][
        "last_error"
    ] == ("TOYS_URGENCY does not name this urgency")
    assert [line.split()[0] for line in bench.notes("toys.steady")] == ["b"]
