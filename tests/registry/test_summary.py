import json
from dataclasses import replace

import pytest

from receiver.errors import ConfigurationError
from receiver.locales import Locale, localized
from receiver.registry import activate, all_of, as_noted, differences, load, reasons, summarize
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


def test_a_difference_is_said_in_spanish_with_the_states_too():
    [line] = differences('{"fw.forward": "on (a)", "toy.do": "misconfigured"}', [FORWARD.activate(ON), MISCONFIGURED])
    [off] = differences('{"toy.do": "misconfigured"}', [])

    assert [localized(text, Locale(language="es")) for text in (line, off)] == [
        "fw.forward: allí activo (a), aquí activo (a, b)",
        "toy.do: allí mal configurado, aquí desactivado",
    ]


EXAMPLE = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/…"}
WHY = "SLACK_WEBHOOK_URL still has the … of an example in it: put your own value there"


def test_the_reason_of_what_is_misconfigured_is_kept_in_both_languages():
    kept = reasons(activate(load("handlers"), EXAMPLE))

    assert [*kept] == ["slack.post"]
    assert kept["slack.post"] == [WHY, "SLACK_WEBHOOK_URL todavía lleva el … de un ejemplo: pon ahí tu propio valor"]


def refuse(settings):
    raise ConfigurationError(f"URL has {settings['URL'][-12:]!r}, which cannot be used")


@pytest.mark.parametrize("value", ["https://a.example/se-cr-et-path", "x7"])
def test_a_reason_that_holds_something_of_a_value_is_not_kept(value):
    activation = a_handler(validate=refuse).activate({"URL": value})

    assert (activation.state, reasons([activation])) == ("misconfigured", {})


def test_these_are_seen_as_the_process_has_them_that_noted_them():
    here = activate(load("handlers"), {"HUBSPOT_ACCESS_TOKEN": "t"})
    there = activate(load("handlers"), EXAMPLE | {"FORWARD_URL": "https://a.example/hook"})
    stored, noted = json.dumps(summarize(there)), json.dumps(reasons(there))

    seen = {each.handler.name: each for each in as_noted(here, stored, noted)}

    assert (seen["slack.post"].state, seen["slack.post"].why) == ("misconfigured", WHY)
    assert (seen["hubspot.keep_contact"].state, seen["hubspot.keep_contact"].why) == ("off", "set HUBSPOT_ACCESS_TOKEN")
    assert summarize([seen["forward.forward"]]) == {"forward.forward": summarize(there)["forward.forward"]}
    assert as_noted(here, "", "") == here


def test_of_a_worker_that_noted_no_reason_its_log_is_named():
    [seen] = as_noted([OFF], '{"fw.forward": "misconfigured"}', "")

    assert seen.why == "the worker's log says why"
