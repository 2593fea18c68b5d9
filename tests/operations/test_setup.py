from dataclasses import replace

import pytest

from receiver.errors import Ambiguous, GiveUp, HandlerNotOn, UnknownHandler
from receiver.operations import set_up, to_be_set_up
from receiver.registry import all_of
from tests.support.handlers import a_handler


def made(settings):
    yield f"{settings['NAME']}: made"
    if settings["NAME"] == "refuses":
        raise GiveUp("it lacks a scope")


def each_name(settings):
    return {name: {"NAME": name} for name in settings["NAMES"].split()}


CRM = a_handler(name="crm.keep", needs=all_of("NAMES"), targets=each_name, setup=made)
SLACK = a_handler(name="slack.post")


def activations(**env):
    return [SLACK.activate(env), CRM.activate(env)]


def test_a_destination_is_found_by_the_name_of_its_module():
    assert to_be_set_up(activations(NAMES="one"), "crm").handler is CRM


@pytest.mark.parametrize(
    ("env", "name", "error", "words"),
    [
        ({"NAMES": "one"}, "slack", UnknownHandler, "slack is no destination with something to set up. There are: crm"),
        ({"NAMES": "one"}, "crm.keep", UnknownHandler, "There are: crm"),
        ({}, "crm", HandlerNotOn, "crm is off: set NAMES"),
    ],
)
def test_what_cannot_be_set_up_is_refused_with_what_to_do(env, name, error, words):
    with pytest.raises(error, match=words):
        to_be_set_up(activations(**env), name)


def test_of_several_businesses_the_one_that_is_named_is_set_up():
    several = [replace(CRM.activate({"NAMES": name} if name else {}), source=name) for name in ("", "acme", "bolt")]

    assert to_be_set_up(several, "crm", source="acme").source == "acme"
    assert to_be_set_up(several[:2], "crm").source == "acme"
    with pytest.raises(Ambiguous, match="crm is on for acme, bolt: say for which, with --source NAME"):
        to_be_set_up(several, "crm")


def test_each_target_is_set_up_and_what_was_done_before_a_refusal_is_told():
    lines = set_up(CRM.activate({"NAMES": "one refuses three"}))

    assert [next(lines), next(lines)] == ["one: made", "refuses: made"]
    with pytest.raises(GiveUp):
        next(lines)
