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

SEEDS = {"sqlite": range(1, 26), "postgres": range(1, 9)}
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


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.stem)
def test_what_failed_once_fails_no_more(place, file):
    kept = json.loads(file.read_text())

    assert safely(place, kept["actions"], kept["seed"]).difference == ""
