"""The conformance checks prove themselves: a right receiver passes them all, and each finds the mistakes made for it."""

import pytest

pytest.importorskip("mock_sender.conformance")

from mock_sender.conformance import TABLE
from tests.receivers.judging import PREVIOUS, SECRET, full_report, verdicts
from tests.receivers.mistakes import MISTAKES
from tests.receivers.right import right

PATIENCE_S = 3.0  # for each answer: the slowest right one, byte by byte, takes two


@pytest.fixture(scope="module")
def of_the_right_one():
    with right(SECRET, previous_secret=PREVIOUS) as receiver:
        return full_report(receiver)


@pytest.mark.timed
def test_a_right_receiver_passes_every_check(of_the_right_one):
    found = verdicts(of_the_right_one)

    assert {number: word for number, word in found.items() if word != "passed"} == {}
    assert of_the_right_one.lives_lost == 0


@pytest.mark.timed
def test_every_check_has_a_mistake_that_it_must_find(of_the_right_one):
    numbers = {result.number for result in of_the_right_one.results}

    assert numbers == {number for mistake in MISTAKES.values() for number in mistake.checks}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_found_by_the_checks_made_for_it(mistake):
    with right(SECRET, mistake.slug, previous_secret=PREVIOUS) as receiver:
        found = verdicts(full_report(receiver, only=mistake.checks, timeout_s=PATIENCE_S))

    assert found == {number: "warned" if TABLE[number].is_advice else "failed" for number in mistake.checks}


def test_what_rests_on_a_guess_about_the_sender_is_advice_and_fails_nobody():
    with right(SECRET, "verifies-raw-bytes-alone") as receiver:
        report = full_report(receiver, only=(29, 95))

    assert (report.passed, report.lives_lost) == (True, 0)
    assert "Advice, as InboundFlow may never send this. If the raw bytes do not match" in report.results[0].says
    assert {number for number, check in TABLE.items() if check.is_advice} == {12, 29, 30, 69}
