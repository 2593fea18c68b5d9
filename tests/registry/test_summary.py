import json
from dataclasses import replace

import pytest

from receiver.registry import all_of, differences, summarize
from receiver.registry.summary import name_of
from tests.support.handlers import a_handler

ON = {"URL": "https://a.example/private"}


def two_targets(settings):
    return {"b": settings, "a": settings}


FORWARD = a_handler(name="fw.forward", needs=all_of("URL"), targets=two_targets)
OFF = FORWARD.activate({})
MISCONFIGURED = a_handler().activate({"TOKEN": "t"})


def test_a_summary_holds_what_is_not_off_and_no_secret():
    summary = summarize([FORWARD.activate(ON), MISCONFIGURED, replace(OFF, source="bakery")])

    assert summary == {"fw.forward": "on (a, b)", "toy.do": "misconfigured"}
    assert "private" not in json.dumps(summary)


def test_a_handler_of_a_source_is_named_with_it():
    assert name_of(replace(OFF, source="bakery")) == "bakery/fw.forward"


DIFFERENCES = [
    # there                                here                    what differs
    ("",                                   [FORWARD.activate(ON)], []),
    ("{}",                                 [OFF],                  []),
    ('{"fw.forward": "on (a, b)"}',        [FORWARD.activate(ON)], []),
    ('{"fw.forward": "on (a, b)"}',        [OFF],                  ["fw.forward is on (a, b) there and off here"]),
    ('{"fw.forward": "on (a)"}',           [FORWARD.activate(ON)], ["fw.forward is on (a) there and on (a, b) here"]),
    ("{}",                                 [MISCONFIGURED],        ["toy.do is off there and misconfigured here"]),
]  # fmt: skip


@pytest.mark.parametrize(("there", "here", "lines"), DIFFERENCES)
def test_what_is_on_in_another_process_is_compared_with_what_is_on_here(there, here, lines):
    assert list(differences(there, here)) == lines
