"""Receivers as people write them: the right ones pass, and the wrong ones fail for their mistake and no other.

These are the checks that take no time; `python -m tests.receivers` runs all of them, and publishes the table.
"""

import re
from contextlib import ExitStack, contextmanager

import pytest

from mock_sender import conformance
from tests.receivers.__main__ import published
from tests.receivers.judging import SECRET
from tests.receivers.people import PEOPLE, Lacking, started
from tests.support.tools import lacking

SLOW = (10, 87, 89, 90, 91, 92, 93, 96, 97)
ELSE = (1, 3, 7, 23, 51, 63, 66, 80)  # what a wrong one still does right is seen by these
RIGHT = [name for name, person in PEOPLE.items() if not person.fails and not person.refused]
WRONG = [name for name, person in PEOPLE.items() if person.fails]
REFUSING = [name for name, person in PEOPLE.items() if person.refused]


@contextmanager
def running(name):
    """Its URL; the test is skipped where its language is not installed."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(started(name, SECRET))
        except Lacking as missing:
            lacking(str(missing))
        yield url


def failures(report):
    return {result.number: result.says for result in report.results if result.outcome == "failed"}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_receiver_passes(name):
    with running(name) as url:
        report = conformance.run(url, SECRET, skip=SLOW)

    assert failures(report) == {}
    assert report.lives_lost == 0


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_one_fails_for_its_mistake_and_no_other(name):
    expected = set(PEOPLE[name].fails) - set(SLOW)

    with running(name) as url:
        report = conformance.run(url, SECRET, only={*expected, *ELSE})

    assert set(failures(report)) == expected


@pytest.mark.parametrize("name", REFUSING)
def test_where_the_mistake_refuses_everything_one_sentence_says_what_to_look_at(name):
    with running(name) as url, pytest.raises(conformance.CannotRun, match=re.escape(PEOPLE[name].refused)):
        conformance.run(url, SECRET)


def test_the_published_table_says_of_each_what_is_expected_of_it():
    cells = {name: line.strip("| ").split(" | ") for name, line in published().items()}

    assert {name: cells[name][4] for name in RIGHT} == dict.fromkeys(RIGHT, "none")
    assert {name: cells[name][1] for name in PEOPLE} == {name: person.title for name, person in PEOPLE.items()}
    for name in WRONG:
        numbers = [int(number) for number in re.findall(r"(?:^|, )(\d+) [a-z]", cells[name][4])]
        is_many = cells[name][4].startswith(f"{len(PEOPLE[name].fails)} checks,")
        assert is_many or sorted(numbers) == sorted(PEOPLE[name].fails)
