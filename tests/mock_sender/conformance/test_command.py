import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from mock_sender.cli import main
from tests.receivers.right import right
from tests.support.processes import free_port

SECRET = 'whsec_"<&>-of-the-tests'


def said(*arguments):
    return CliRunner().invoke(main, ["conformance", *arguments])


@pytest.mark.parametrize(
    ("mistake", "only", "code", "words"),
    [
        (None, "1,20", 0, "2 passed"),
        ("accepts-unsigned", "1,20", 1, "1 passed, 1 failed"),
        (None, "1,31,55", 0, "not seen from outside: give --effects"),
        (None, "5-7", 0, "3 passed"),
        ("crashes-on-unknown-events", "95", 1, "would have lost 1 of 10 lives on a bad day"),
    ],
)
def test_the_exit_code_and_the_last_lines_say_how_it_went(mistake, only, code, words):
    with right(SECRET, mistake) as receiver:
        ran = said(receiver.url, "--secret", SECRET, "--only", only)

    assert (ran.exit_code, words in ran.output) == (code, True), ran.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["http://example.com/", "--secret", "s"], "InboundFlow requires https"),
        ([f"http://127.0.0.1:{free_port()}/", "--secret", "s"], "Nothing can be reached"),
        (["http://127.0.0.1:1/", "--secret", ""], "Give --secret"),
        (["http://127.0.0.1:1/", "--secret", "s", "--only", "999"], "there is no check"),
        (["http://127.0.0.1:1/", "--secret", "s", "--only", "x"], "such as 23,50-58"),
    ],
)
def test_what_cannot_run_is_said_in_a_sentence(arguments, words):
    ran = said(*arguments)

    assert ran.exit_code == 2
    assert words.lower() in ran.output.lower()


def test_the_formats_agree_and_are_written_together(tmp_path):
    html, junit = tmp_path / "report.html", tmp_path / "report.xml"
    with right(SECRET, "accepts-unsigned") as receiver:
        ran = said(receiver.url, "--secret", SECRET, "--only", "1,20,31", "--json", "--html", html, "--junit", junit)

    found = json.loads(ran.stdout)
    suites = ElementTree.parse(junit).getroot()
    assert found["counts"] == {"passed": 1, "warned": 0, "failed": 1, "skipped": 1}
    assert [one["slug"] for one in found["checks"]] == ["call-completed", "no-signature", "previous-secret"]
    assert {name: suites.get(name) for name in ("tests", "failures")} == {"tests": "3", "failures": "1"}
    assert [case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None] == [
        "20 no-signature"
    ]
    assert html.read_text().count("<details") == 3
