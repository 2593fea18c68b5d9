"""Many rows at once: how often Google is asked, and what a batch comes to when part of it fails."""

import time

import pytest

from handlers.google_sheets import batch
from receiver.errors import GiveUp, LeaseLost, Pause, RetryLater
from tests.handlers.google_sheets.rows import append, append_row, calls, keys, one_by_one, run_at
from tests.support.tools import a_run, completed


def test_a_row_that_arrived_although_its_answer_did_not_is_not_added_again(world, env):
    append_row(completed(key="d-0"), run_at(world, completed(key="d-0"), env))
    world.fail("sheets", mode="drop", path="append")

    with pytest.raises(RetryLater):
        append_row(completed(), run_at(world, completed(), env))
    outcome = append_row(completed(), run_at(world, completed(), env, attempt=2))

    assert [row["delivery_id"] for row in world.sheets.rows("Calls")] == ["d-0", "d-1"]
    assert outcome == "Calls, row of d-1"


UNNAMED = [
    # the first row                       becomes, so that Google takes it for one table
    (["", "delivery_id", "summary"],      ["(A)", "delivery_id", "summary"]),
    (["delivery_id", "", "", "summary"],  ["delivery_id", "(B)", "(C)", "summary"]),
    (["delivery_id", "", "note"],         ["delivery_id", "", "note"]),
]  # fmt: skip


@pytest.mark.parametrize(("header", "named"), UNNAMED)
def test_a_column_inserted_without_a_name_disturbs_no_rows(world, env, header, named):
    old = ["x" if name else "" for name in header]
    world.sheets.tabs["Calls"] = [list(header), list(old)]

    for key in ("d-1", "d-2"):
        append_row(completed(key=key), run_at(world, completed(key=key), env))

    assert world.sheets.tabs["Calls"][:2] == [named, old]
    assert [row["delivery_id"] for row in world.sheets.rows("Calls")[1:]] == ["d-1", "d-2"]


def test_a_tab_without_the_delivery_id_column_pauses_and_says_so(world, env):
    world.sheets.tabs["Calls"] = [["caller", "summary"]]

    with pytest.raises(Pause, match="delivery_id"):
        append_row(completed(), run_at(world, completed(), env))


def test_google_is_not_written_to_by_a_worker_that_lost_its_run(world, env):
    def lost():
        raise LeaseLost

    with pytest.raises(LeaseLost):
        append_row(completed(), run_at(world, completed(), env, check_lease=lost))

    assert world.sheets.tabs == {}


def test_a_batch_is_one_read_and_one_append_and_each_run_has_its_row(world):
    append(world, [completed(key="d-0")])
    world.sheets.calls.clear()

    outcomes = append(world, calls(200))

    assert world.sheets.calls == ["GET spreadsheet", "POST appendCells"]
    assert outcomes == [f"Calls, row of d-{number}" for number in range(1, 201)]
    assert keys(world) == [f"d-{number}" for number in range(201)]


def test_the_ids_are_only_looked_for_where_a_run_is_unsure(world):
    append(world, calls(2))
    world.sheets.calls.clear()

    outcomes = append(world, calls(2), attempt=2)

    assert world.sheets.calls == ["GET spreadsheet", "GET values"]
    assert outcomes == ["Calls, row of d-1", "Calls, row of d-2"]
    assert keys(world) == ["d-1", "d-2"]


def test_a_batch_whose_answer_was_lost_is_found_again(world):
    append(world, [completed(key="d-0")])
    world.fail("sheets", mode="drop", path="append")

    lost = append(world, calls(3))
    outcomes = append(world, calls(3), attempt=2)

    assert [type(end) for end in lost] == [RetryLater] * 3
    assert outcomes == [f"Calls, row of d-{number}" for number in (1, 2, 3)]
    assert keys(world) == ["d-0", "d-1", "d-2", "d-3"]


def test_of_a_batch_that_is_there_by_half_the_rest_is_added(world):
    append(world, calls(2))

    outcomes = one_by_one(world, calls(4), (2, 2, 2, 1))

    assert outcomes == [f"Calls, row of d-{number}" for number in (1, 2, 3, 4)]
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


def test_what_a_tab_refuses_every_row_for_pauses_with_googles_sentence_and_loses_nobody(world):
    append(world, [completed(key="d-0")])
    world.sheets.rules["Calls"] = "You can't add rows while the filter is on."

    outcomes = append(world, calls(3))
    world.sheets.rules.clear()
    again = append(world, calls(3), attempt=2)

    assert [type(end) for end in outcomes] == [Pause] * 3
    assert {str(end) for end in outcomes} == {
        "the tab Calls takes no row. Google says: You can't add rows while the filter is on."
    }
    assert again == [f"Calls, row of d-{number}" for number in (1, 2, 3)]


def test_a_row_that_is_refused_by_itself_is_first_taken_to_be_the_tabs_fault(world):
    world.sheets.refuses = "poison"

    (outcome,) = append(world, [completed(summary="poison")])

    assert (type(outcome), "Google says: Invalid values." in str(outcome)) == (Pause, True)


ECHOES = [
    "Invalid values[1][2]: +15550100",
    "The value moreno is not one of the list.",
    "Ada Moreno is not allowed in B2.",
    "Enter a date in place of “the brakes squeak a lot when I stop”.",
    "brakes squeak a lot",
]


@pytest.mark.parametrize("sentence", ECHOES)
def test_a_sentence_of_googles_that_repeats_what_a_caller_said_is_not_shown(world, sentence):
    append(world, [completed(key="d-0")])
    world.sheets.rules["Calls"] = sentence

    (outcome,) = append(world, [completed(summary="Hello, the brakes squeak a lot when I stop.")])

    assert type(outcome) is Pause
    assert (
        str(outcome)
        == "the tab Calls takes no row: look for a filter, merged cells, or a rule for what may stand there"
    )


def test_nothing_is_written_late_in_a_call(world):
    run = a_run("google_sheets.append_row", world.env, completed())

    ends = batch.append(None, "Calls", [batch.Row(run=run, cells={})], {}, time.monotonic() - 9)

    assert type(ends[run.id]) is RetryLater
