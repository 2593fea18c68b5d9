"""The conformance command and its reports, of the right receiver and of some with a mistake."""

import json
import subprocess
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from mock_sender import conformance
from mock_sender.cli import main
from mock_sender.conformance.machine import as_json, as_junit
from mock_sender.conformance.page import as_html
from mock_sender.conformance.terminal import as_text
from tests.receivers.right import right
from tests.support.processes import free_port

SECRET = 'whsec_"<&>-of-the-tests'
NUMBERS = [*range(1, 13), *range(20, 32), *range(40, 47), *range(50, 59), *range(60, 73), *range(80, 90),
           *range(90, 94), *range(95, 98)]  # fmt: skip


def said(*arguments):
    return CliRunner().invoke(main, ["conformance", *arguments])


def test_every_number_of_the_plan_is_declared():
    assert sorted(conformance.TABLE) == NUMBERS


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


@pytest.mark.parametrize("form", [as_text, as_html, as_json, as_junit])
def test_no_report_holds_the_secret_that_a_receiver_tells(form):
    with right(SECRET, "tells-its-settings") as receiver:
        report = conformance.run(receiver.url, SECRET, only=[28])

    text = form(report)

    assert report.results[0].outcome == "failed"
    assert "[the secret]" in text
    assert "of-the-tests" not in text


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


def test_an_answer_is_shown_as_text_in_the_page():
    with right(SECRET, "answers-with-a-page") as receiver:
        page = as_html(conformance.run(receiver.url, SECRET, only=[6]))

    assert "&lt;p&gt;Welcome" in page
    assert "<p>Welcome" not in page


def test_the_command_of_a_failed_check_repeats_it():
    with right(SECRET, "crashes-on-unknown-events") as receiver:
        shown = conformance.run(receiver.url, SECRET, only=[60]).results[0].evidence[0]
        ran = subprocess.run(["bash", "-c", shown.command], env={"SECRET": SECRET, "PATH": "/usr/bin:/bin"},
                             capture_output=True, text=True)  # fmt: skip

    assert ran.stdout.split()[1] == shown.came_back[:3] == "500"


def test_effects_are_counted_by_a_command(tmp_path):
    with right(SECRET) as receiver:
        script = tmp_path / "count"
        script.write_text(f'#!/bin/sh\ncurl -s {receiver.effects_url} | grep -c "$1"\n')
        script.chmod(0o755)
        report = conformance.run(receiver.url, SECRET, only=[55], effects=str(script))

    assert report.passed
    assert report.results[0].outcome == "passed"
