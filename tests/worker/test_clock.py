"""The clock of the machine is moved around a real worker: a step costs a moment, also with everything killed."""

import os
import time
from pathlib import Path

import pytest

from tests.support.processes import children_of, kill, until

SKEW = Path(__file__).resolve().parent.parent / "support" / "skew"
HOURS_2, YEARS_10 = 7_200, 315_000_000
MOMENT_S = 30  # generous: what is right takes about six seconds, what was wrong takes hours


@pytest.fixture
def clock(bench):
    """Sets how many seconds the clock of the worker is ahead."""
    file = bench.dir / "ahead"
    file.write_text("0")
    bench.database_env |= {"PYTHONPATH": str(SKEW), "CLOCK_AHEAD_FILE": str(file)}

    def ahead_by(seconds):
        (bench.dir / "ahead.new").write_text(str(seconds))
        os.replace(bench.dir / "ahead.new", file)  # never read half written

    return ahead_by


def end(worker, how):
    if how == "stopped":
        worker.terminate()
    else:
        for child in children_of(worker.pid):
            kill(child)
        kill(worker.pid)
    worker.wait(10)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("how", ["running", "stopped", "killed"])
@pytest.mark.parametrize("ahead_s", [HOURS_2, YEARS_10])
def test_after_a_clock_that_was_ahead_a_paced_target_goes_on_at_once(bench, clock, ahead_s, how):
    clock(ahead_s)
    worker = bench.work()
    bench.keep("ahead", event="appointment.booked")
    bench.until_states("toys.paced", ["succeeded"])

    if how == "running":
        clock(0)
    else:
        end(worker, how)
        clock(0)
        bench.work()
    bench.keep("a", "b", event="appointment.booked")

    bench.until_states("toys.paced", ["succeeded"] * 3, within_s=MOMENT_S)
    assert len(bench.notes("toys.paced")) == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_failed_while_the_clock_was_ahead_is_tried_again_in_time(bench, clock):
    bench.wish("toys.paced", "busy")
    clock(HOURS_2)
    bench.work()
    bench.keep("refused", event="appointment.booked")
    until(lambda: bench.states("toys.paced") == ["retrying"], what="the refusal")

    clock(0)
    bench.keep("next", event="appointment.booked")

    bench.until_states("toys.paced", ["succeeded"] * 2, within_s=MOMENT_S)


@pytest.mark.parametrize("step_s", [HOURS_2, -HOURS_2])
def test_a_step_of_the_clock_during_an_attempt_makes_it_no_second_time(bench, clock, step_s):
    hang = bench.wish("toys.moody", "hang")
    clock(max(0, -step_s))
    bench.work()
    bench.keep("a")
    until(lambda: bench.states("toys.moody") == ["running"], what="the attempt")

    clock(max(0, step_s))
    time.sleep(3)  # each process looks several times meanwhile; the attempt's limit is 7 s
    hang.unlink()

    bench.until_states("toys.moody", ["succeeded"])
    assert bench.notes("toys.moody") == ["a 1 0 "]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize(("step_s", "leads"), [(3_600, True), (-3_600, True), (3_600, False)])
def test_a_step_of_one_machines_clock_of_two_doubles_nothing(bench, clock, step_s, leads):
    def other_machine():
        skewed, bench.database_env = bench.database_env, {"DATABASE_URL": bench.database_env["DATABASE_URL"]}
        bench.database_env |= {"DATA_DIR": skewed["DATA_DIR"]}
        bench.work()
        bench.database_env = skewed

    def leader():
        return [row["owner"] for row in bench.db.read("SELECT owner FROM leases")]

    def leases():
        rows = bench.db.read("SELECT lease_until_us AS us FROM runs WHERE handler = 'toys.moody' AND state = 'running'")
        return [row["us"] for row in rows]

    keys = [f"key-{n}" for n in range(4)]
    clock(max(0, -step_s))
    for start in (bench.work, other_machine) if leads else (other_machine, bench.work):
        start()
        first = until(leader, what="a leader")
    bench.keep("warm")
    bench.until_states("toys.moody", ["succeeded"])
    hang = bench.wish("toys.moody", "hang")
    bench.keep(*keys)
    until(lambda: len(leases()) == len(keys), what="the attempts")

    clock(max(0, step_s))
    for _ in range(2):  # renewed since: each process has looked several times
        before = max(leases())
        until(lambda: min(leases()) > before, what="the renewal")  # noqa: B023
    hang.unlink()

    bench.until_states("toys.moody", ["succeeded"] * 5)
    assert sorted(bench.notes("toys.moody")) == [f"{key} 1 0 " for key in (*keys, "warm")]
    assert leader() == first
    assert "lease was lost" not in bench.log()


HANDLERS = ("toys.steady", "toys.slow", "toys.paced", "toys.moody")
EVENTS = ("call.completed", "appointment.booked")
STEPS = [2, 0, 3_600, 0, -2, -3_600, 0, YEARS_10, YEARS_10 + 2, HOURS_2, 0, 1]


@pytest.mark.parametrize("killed", [False, True])
def test_steps_of_seconds_and_of_years_lose_and_double_nothing(bench, clock, killed):
    worker = bench.work()
    for number, ahead_s in enumerate(STEPS):
        for event in EVENTS:
            bench.keep(*[f"{event}-{number}-{n}" for n in range(3)], event=event)
        time.sleep(0.7)
        clock(ahead_s)
        if killed and number % 3 == 2:
            end(worker, "killed")
            worker = bench.work()

    each = 3 * len(STEPS)
    for handler in HANDLERS:
        bench.until_states(handler, ["succeeded"] * each, within_s=60)
    keys = [line.split()[0] for line in bench.notes("toys.steady")]
    assert killed or sorted(keys) == sorted(set(keys))
    assert len(set(keys)) == each
