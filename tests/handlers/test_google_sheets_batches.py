"""Many rows at once: how often Google is asked, and what a batch comes to when part of it fails."""

import time
from dataclasses import replace

import pytest

from handlers.google_sheets import append_row, batch
from handlers.google_sheets.client import Meter
from receiver import registry
from receiver.errors import GiveUp, Pause, RetryLater
from tests.support.tools import a_run, completed, lead


def calls(count, **changes):
    return [completed(key=f"d-{number}", **changes) for number in range(1, count + 1)]


def append(world, events, attempt=1):
    return one_by_one(world, events, [attempt] * len(events))


def one_by_one(world, events, attempts):
    """With an attempt's number for each run."""
    env = world.env
    pairs = enumerate(zip(events, attempts, strict=True))
    runs = [replace(a_run("google_sheets.append_row", env, e, attempt=a), id=n) for n, (e, a) in pairs]
    return append_row(events, runs)


def keys(world, tab="Calls"):
    return [row["delivery_id"] for row in world.sheets.rows(tab)]


def test_a_batch_is_one_read_and_one_append_and_each_run_has_its_row(world):
    append(world, [completed(key="d-0")])
    world.sheets.calls.clear()

    outcomes = append(world, calls(200))

    assert world.sheets.calls == ["GET values", "POST :append"]
    assert outcomes == [f"Calls!A{row}:N{row}" for row in range(3, 203)]
    assert keys(world) == [f"d-{number}" for number in range(201)]


def test_the_worker_is_told_to_keep_to_the_quota():
    handler = registry.load("handlers")["google_sheets.append_row"]

    assert (handler.batch, handler.parallel, handler.pace_s) == (200, 1, 1)


def test_mixed_kinds_take_one_append_for_each_tab_and_outcomes_keep_their_order(world):
    events = [completed(key="d-1"), lead(key="d-2"), completed(key="d-3")]

    outcomes = append(world, events)

    assert outcomes == ["Calls!A2:N2", "Leads!A2:K2", "Calls!A3:N3"]
    assert world.sheets.calls.count("POST :append") == 2


def test_the_ids_are_only_looked_for_where_a_run_is_unsure(world):
    append(world, calls(2))
    world.sheets.calls.clear()

    outcomes = append(world, calls(2), attempt=2)

    assert world.sheets.calls == ["GET values", "GET values"]
    assert outcomes == ["Calls!A2:N2", "Calls!A3:N3"]
    assert keys(world) == ["d-1", "d-2"]


def test_a_batch_whose_answer_was_lost_is_found_again(world):
    append(world, [completed(key="d-0")])
    world.fail("sheets", mode="drop", path="append")

    lost = append(world, calls(3))
    outcomes = append(world, calls(3), attempt=2)

    assert [type(end) for end in lost] == [RetryLater] * 3
    assert outcomes == ["Calls!A3:N3", "Calls!A4:N4", "Calls!A5:N5"]
    assert keys(world) == ["d-0", "d-1", "d-2", "d-3"]


def test_of_a_batch_that_is_there_by_half_the_rest_is_added(world):
    append(world, calls(2))

    outcomes = one_by_one(world, calls(4), (2, 2, 2, 1))

    assert outcomes == [f"Calls!A{row}:N{row}" for row in (2, 3, 4, 5)]
    assert keys(world) == ["d-1", "d-2", "d-3", "d-4"]


def test_requests_stay_small_and_what_was_written_before_a_failure_has_succeeded(world):
    events = calls(60, summary="x" * 60_000)
    append(world, [completed(key="d-0")])
    world.watch = lambda name, path, stage: (
        world.fail("sheets", status=503, path="append") if stage == "done" and "append" in path else None
    )

    outcomes = append(world, events)
    done = [end for end in outcomes if isinstance(end, str)]
    world.watch = lambda name, path, stage: None
    world.faults.waiting.clear()
    again = one_by_one(world, events, [2] * 60)

    assert 20 < len(done) < 60
    assert [type(end) for end in outcomes[len(done) :]] == [RetryLater] * (60 - len(done))
    assert again[: len(done)] == done
    assert keys(world) == [f"d-{number}" for number in range(61)]
    assert max(len(exchange.body) for exchange in world.exchanges) < 2_000_000


def test_a_row_that_google_refuses_does_not_take_the_others_with_it(world):
    world.sheets.refuses = "poison"
    events = calls(4)
    events[2] = completed(key="d-3", summary="poison")

    outcomes = append(world, events)

    assert [type(end) for end in outcomes] == [str, str, GiveUp, str]
    assert keys(world) == ["d-1", "d-2", "d-4"]


def test_a_protected_tab_holds_up_its_own_rows_only(world):
    append(world, [completed(key="d-0"), lead(key="d-00")])
    world.sheets.protected.add("Calls")

    outcomes = append(world, [completed(key="d-1"), lead(key="d-2")])

    assert [type(end) for end in outcomes] == [Pause, str]
    assert keys(world, "Leads") == ["d-00", "d-2"]


def test_a_full_sheet_pauses(world):
    world.sheets.cells = 20

    (outcome,) = append(world, [completed()])

    assert (type(outcome), "10 million" in str(outcome)) == (Pause, True)


@pytest.mark.parametrize("kind", ["reads_per_minute", "writes_per_minute"])
def test_a_quota_that_is_used_up_makes_all_runs_wait_a_minute(world, kind):
    setattr(world.sheets, kind, 0)

    outcomes = append(world, [completed(key="d-1"), lead(key="d-2")])

    assert {(type(end), end.cooldown) for end in outcomes} <= {(RetryLater, True), (RetryLater, False)}
    assert (outcomes[0].cooldown, outcomes[0].delay_s) == (True, 60)
    assert len(world.sheets.read_times) == 1


def test_a_tab_that_was_renamed_or_deleted_is_made_again(world):
    append(world, [completed(key="d-1")])
    world.sheets.tabs["Old calls"] = world.sheets.tabs.pop("Calls")

    append(world, [completed(key="d-2")])

    assert (keys(world, "Old calls"), keys(world)) == (["d-1"], ["d-2"])


def test_a_tab_that_differs_in_capitals_only_is_not_made_twice(world):
    world.sheets.tabs["CALLS"] = []

    (outcome,) = append(world, [completed()])

    assert (type(outcome), "capitals" in str(outcome)) == (RetryLater, True)


def test_however_much_there_is_to_do_no_minute_sees_more_than_sixty_requests():
    clock, seen = [0.0], []
    meter = Meter(now=lambda: clock[0], sleep=lambda s: clock.__setitem__(0, clock[0] + s))

    for _ in range(300):
        meter.wait()
        seen.append(clock[0])

    assert max(sum(1 for t in seen if start <= t < start + 60) for start in seen) <= 60
    assert seen[-1] < 350


def test_nothing_is_written_late_in_a_call(world):
    run = a_run("google_sheets.append_row", world.env, completed())

    ends = batch.append(None, "Calls", [batch.Row(run=run, cells={})], {}, time.monotonic() - 9)

    assert type(ends[run.id]) is RetryLater
