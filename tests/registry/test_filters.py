import pytest

from receiver.events import CallCompleted, UnknownEvent
from receiver.registry import all_of
from tests.support.handlers import a_handler
from tests.support.tools import completed

FILTERS = [
    # the variables                                    takes                                 and not
    ({},                                               {"call.completed", "call.exploded"},  {"lead.created"}),
    ({"TOY_EVENTS": "call.completed"},                 {"call.completed"},                   {"call.exploded"}),
    ({"TOY_EVENTS": "Call.Completed , lead.created"},  {"call.completed"},                   {"lead.created"}),
    ({"TOY_EVENTS": "other"},                          {"call.exploded"},                    {"call.completed"}),
]  # fmt: skip


@pytest.mark.parametrize(("env", "takes", "leaves"), FILTERS)
def test_a_handler_is_narrowed_to_some_of_its_events_without_code(env, takes, leaves):
    activation = a_handler(events=(CallCompleted, UnknownEvent), needs=all_of("URL")).activate({"URL": "u", **env})

    assert {event for event in takes | leaves if activation.takes(event)} == takes


def test_an_event_that_does_not_exist_is_pointed_out_and_nothing_is_dropped():
    activation = a_handler(needs=all_of("URL")).activate({"URL": "u", "TOY_EVENTS": "call.complete"})

    assert activation.state == "misconfigured"
    assert "call.complete, which is none of: call.completed" in activation.why
    assert activation.takes("call.completed")


@pytest.mark.parametrize(("urgency", "skipped"), [("high", False), ("HIGH ", False), (None, False), ("low", True)])
def test_urgency_narrows_the_events_that_name_one(urgency, skipped):
    activation = a_handler(needs=all_of("URL")).activate({"URL": "u", "TOY_URGENCY": "high, critical"})

    objection = activation.wanted.objection(completed(urgency=urgency))

    assert objection == ("TOY_URGENCY does not name this urgency" if skipped else "")
