import pytest

from mock_sender.conformance.verdict import NEEDS_EFFECTS, Outcome
from tests.mock_sender.conformance.seen import a_report, a_result


@pytest.mark.parametrize(
    ("outcomes", "is_passed"),
    [(["passed", "warned", "skipped"], True), (["passed", "failed"], False), ([], True)],
)
def test_a_report_is_passed_where_nothing_failed(outcomes, is_passed):
    report = a_report(*[a_result(outcome) for outcome in outcomes])

    assert report.passed is is_passed
    assert sum(report.count(outcome) for outcome in Outcome) == len(outcomes)


@pytest.mark.parametrize(
    ("lives_lost", "headline"),
    [
        (0, "This receiver would have lost 0 of 10 lives on a bad day."),
        (None, "Check 95, which counts the lives lost on a bad day, was not run."),
    ],
)
def test_the_headline_tells_the_lives_lost_or_that_they_were_not_counted(lives_lost, headline):
    assert a_report(lives_lost=lives_lost).headline == headline


def test_the_headline_says_what_could_not_be_seen_and_what_that_needs():
    blind = [a_result("skipped", number, "duplicates", says=NEEDS_EFFECTS) for number in (50, 51)]
    report = a_report(*blind, a_result("skipped", 60, "tolerance", says=NEEDS_EFFECTS), lives_lost=0)

    assert report.headline.endswith(
        "on a bad day. 2 checks on duplicates could not look: give --effects. "
        "1 check on tolerance could not look: give --effects."
    )
