"""The tree that the module draws is the tree that it has."""

import inspect
import re

import pytest

from receiver import errors
from receiver.errors import InboundFlowError, NotAccepted

CLASSES = {n: kind for n, kind in vars(errors).items() if inspect.isclass(kind) and kind.__module__ == errors.__name__}
ANSWERED = [kind for kind in CLASSES.values() if issubclass(kind, NotAccepted) and kind.reason != "rejected"]


def drawn():
    """Name → parent, and name → status where one is drawn, of the tree in the module's docstring."""
    parents, statuses, above = {}, {}, ["InboundFlowError"]
    for line in errors.__doc__.splitlines():
        if not (match := re.match(r"([│ ]*)[├└]── (\w+)(.*)", line)):
            continue
        depth, name, rest = len(match[1]) // 4 + 1, match[2], match[3]
        siblings = [name, *re.findall(r"\w+", (re.search(r"\(and (.+?)\)", rest) or ["", ""])[1])]
        status = re.match(r"\s+(\d{3})\b", rest)
        for sibling in siblings:
            parents[sibling] = above[depth - 1]
            statuses |= {sibling: int(status[1])} if status else {}
        above[depth:] = [name]
    return parents, statuses


def test_every_class_is_drawn_under_its_parent():
    parents, _ = drawn()

    assert parents == {name: kind.__base__.__name__ for name, kind in CLASSES.items() if kind is not InboundFlowError}


def test_every_status_is_drawn():
    _, statuses = drawn()

    assert statuses == {kind.__name__: kind.http_status for kind in ANSWERED}


def test_no_two_reasons_are_the_same_and_each_is_a_slug():
    reasons = [kind.reason for kind in ANSWERED]

    assert sorted(set(reasons)) == sorted(reasons)
    assert [reason for reason in reasons if not re.fullmatch(r"[a-z]+(-[a-z]+)*", reason)] == []


@pytest.mark.parametrize("kind", ANSWERED)
def test_an_answer_has_a_reason_to_search_for_and_a_sentence(kind):
    answer = kind().answer()

    assert answer == {"status": kind.status, "reason": kind.reason, "detail": kind.detail}
    assert kind.detail.endswith((".", "clock."))
