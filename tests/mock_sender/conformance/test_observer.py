import sys

import pytest

from mock_sender import conformance
from mock_sender.conformance.observer import Blind, observer
from tests.receivers.right import right

SECRET = 'whsec_"<&>-of-the-tests'


COUNT = """#!/bin/sh
'{python}' -c "import urllib.request as http; print(http.urlopen('{url}').read().decode())" | grep -c "$1"
"""


def test_effects_are_counted_by_a_command(tmp_path):
    with right(SECRET) as receiver:
        script = tmp_path / "count"
        script.write_text(COUNT.format(python=sys.executable, url=receiver.effects_url))
        script.chmod(0o755)
        report = conformance.run(receiver.url, SECRET, only=[55], effects=str(script))

    assert report.passed
    assert report.results[0].outcome == "passed"


@pytest.mark.parametrize(
    ("command", "why"),
    [("echo none", "should print a count"), ("/no/such/program", "should print a count"), ("true", "should print")],
)
def test_a_command_that_prints_no_count_is_told(command, why):
    with pytest.raises(Blind, match=why):
        observer(command)("d-1")


def test_a_command_is_given_the_delivery_id():
    assert observer("printf %.1s")("7-of-them") == 7


def test_a_url_tells_the_count_and_0_for_what_it_does_not_name():
    with right(SECRET) as receiver:
        assert observer(receiver.effects_url)("d-1") == 0


def test_a_url_that_answers_something_else_is_told():
    with right(SECRET) as receiver, pytest.raises(Blind, match="should answer"):
        observer(receiver.url)("d-1")
