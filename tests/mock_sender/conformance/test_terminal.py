import click

from mock_sender.conformance.terminal import WIDTH, as_text
from tests.mock_sender.conformance.seen import a_report, a_result


def test_what_failed_is_told_in_full_before_the_checks_in_their_groups():
    text = click.unstyle(
        as_text(a_report(a_result("passed"), a_result("failed", 20, "authenticity", says="was not refused")))
    )

    assert text.startswith("20 check-20: Check 20\n  sent: a call\n  expected: 2xx\n  came back: was not refused")
    assert "\n\nacceptance\n  passed    1  Check 1\n\nauthenticity\n  failed   20  Check 20\n" in text
    assert "1 passed, 1 failed" in text
    assert "1 check-1" not in text


def test_what_came_back_cannot_move_the_cursor():
    text = click.unstyle(as_text(a_report(a_result("failed", says="\x07\x9b2J", came_back="\x1b]0;x\x07\x9b1A"))))

    assert [sign for sign in text if sign != "\n" and (ord(sign) < 32 or 127 <= ord(sign) < 160)] == []


def test_long_words_of_a_check_are_wrapped():
    text = click.unstyle(as_text(a_report(a_result("warned", says="slow " * 60))))

    assert max(map(len, text.splitlines())) <= WIDTH
