"""Random sequences against their model: some tens of them, those that failed once, and mistakes that they must find."""

import json
from pathlib import Path

import pytest

from benchmarks.sequences.databases import databases
from benchmarks.sequences.mistakes import MISTAKES, mistaken
from benchmarks.sequences.plan import plan
from benchmarks.sequences.playing import safely, shrink
from tests.support.postgres import programs
from tests.support.tools import lacking

SEEDS = {"sqlite": range(1, 13), "postgres": range(21, 27)}
KEPT = sorted((Path(__file__).parent / "sequences").glob("*.json"))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def place(request):
    if request.param == "postgres" and not programs():
        lacking("the programs of a Postgres server")
    with databases(request.param) as place:
        yield place


@pytest.fixture(scope="module")
def sqlite():
    with databases("sqlite") as place:
        yield place


def test_the_receiver_does_what_the_model_says(place):
    outcomes = {seed: safely(place, plan(seed), seed) for seed in SEEDS[place.kind]}

    assert {seed: outcome.difference for seed, outcome in outcomes.items() if outcome.difference} == {}
    assert sum(outcome.effects for outcome in outcomes.values()) > 5 * len(outcomes)


def test_what_failed_once_fails_no_more(place):
    """Each file holds a sequence that failed, cut down to what it takes, with its seed."""
    kept = {file.stem: json.loads(file.read_text()) for file in KEPT}

    differences = {name: safely(place, one["actions"], one["seed"]).difference for name, one in kept.items()}
    assert differences == dict.fromkeys(kept, "")


FOUND_BY = {  # mistakes, each with a seed that finds it
    "acknowledge-early": 1, "open-in-two": 63, "forget-flushes": 95, "claim-the-paused": 26, "claim-the-ended": 4,
    "two-of-a-call": 27, "drop-records": 1, "finish-for-others": 10, "take-nothing-over": 2,
    "take-the-living-over": 10, "take-the-lost-for-done": 2, "believe-the-clock": 36, "replay-what-succeeded": 4,
    "never-ask": 1, "cancel-unlooked": 2550, "replay-what-was-cancelled": 470,
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_receiver_with_a_mistake_does_not_pass(sqlite, mistake):
    seed = FOUND_BY[mistake]

    with mistaken(mistake):
        assert safely(sqlite, plan(seed), seed).difference


def test_a_sequence_that_fails_is_cut_down_to_what_it_takes(sqlite):
    with mistaken("acknowledge-early"):
        shortest = shrink(sqlite, plan(1), 1)

        assert safely(sqlite, shortest, 1).kind == "lost"
    assert len(shortest) <= 3


def test_the_same_seed_gives_the_same_sequence():
    assert plan(7) == plan(7) != plan(8)
