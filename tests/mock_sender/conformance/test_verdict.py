import pytest

from mock_sender.conformance.verdict import NEEDS_EFFECTS, NEEDS_PREVIOUS, Outcome
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
        (2, "1 of 2 checks failed. This receiver would have lost 2 of 10 lives on a bad day: "
            "ten failures in a row disable the webhook."),
        (None, "1 of 2 checks failed."),
    ],
)  # fmt: skip
def test_the_headline_tells_what_failed_and_the_lives_lost_where_they_were_counted(lives_lost, headline):
    results = [a_result(outcome) for outcome in ("passed", "failed", "skipped")]

    assert a_report(*results, lives_lost=lives_lost).headline == headline


def test_the_headline_says_what_could_not_be_seen_and_what_that_needs():
    blind = [a_result("skipped", number, "duplicates", says=NEEDS_EFFECTS) for number in (50, 51)]
    report = a_report(a_result("passed"), *blind, a_result("skipped", 31, "authenticity", says=NEEDS_PREVIOUS))

    assert report.headline == (
        "None of 1 checks failed. 2 checks on duplicates need --effects. 1 check on authenticity needs --previous-secret."
    )
