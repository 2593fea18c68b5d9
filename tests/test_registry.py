import pytest

from receiver.errors import ConfigurationError, DuplicateHandler, LeaseLost
from receiver.events import CallCompleted, Delivery, LeadCreated, UnknownEvent
from receiver.registry import Handler, Run, activate, all_of, ambient, handles, load, one_of
from tests.support.tools import completed

SLACK = one_of(all_of("TOKEN", "CHANNEL"), "URL")
SHEETS = all_of(one_of("JSON", ambient("CREDENTIALS")), "SHEET")

ACTIVATIONS = [
    # needs  environment                              state            what is missing      its settings
    (SLACK,  {},                                      "off",           None,                None),
    (SLACK,  {"TOKEN": "t", "CHANNEL": "c"},          "on",            None,                {"TOKEN": "t", "CHANNEL": "c"}),
    (SLACK,  {"URL": "u"},                            "on",            None,                {"URL": "u"}),
    (SLACK,  {"TOKEN": "t", "CHANNEL": "c", "URL": "u"}, "on",         None,                {"TOKEN": "t", "CHANNEL": "c"}),
    (SLACK,  {"TOKEN": "t", "URL": "u"},              "on",            None,                {"URL": "u"}),
    (SLACK,  {"TOKEN": "t"},                          "misconfigured", "set CHANNEL",       None),
    (SLACK,  {"TOKEN": "t", "CHANNEL": "  "},         "misconfigured", "set CHANNEL",       None),
    (SHEETS, {"CREDENTIALS": "/p"},                   "off",           None,                None),
    (SHEETS, {"CREDENTIALS": "/p", "SHEET": "s"},     "on",            None,                {"CREDENTIALS": "/p", "SHEET": "s"}),
    (SHEETS, {"JSON": "{}"},                          "misconfigured", "set SHEET",         None),
    (SHEETS, {"SHEET": "s"},                          "misconfigured", "set JSON or CREDENTIALS", None),
]  # fmt: skip


def a_handler(**changes):
    return Handler(
        **{
            "name": "toy.do",
            "function": print,
            "events": (CallCompleted,),
            "needs": SLACK,
            "optional": {},
            "targets": None,
            "timeout_s": 20,
            "parallel": 1,
        }
        | changes
    )


@pytest.mark.parametrize(("needs", "env", "state", "missing", "settings"), ACTIVATIONS)
def test_what_is_set_decides_whether_a_handler_is_on(needs, env, state, missing, settings):
    activation = a_handler(needs=needs).activate(env | {"OTHER": "not its business"})

    assert activation.state == state
    assert missing is None or activation.why == missing
    assert settings is None or activation.targets == {"": settings}


def test_optional_variables_have_defaults():
    handler = a_handler(needs=all_of("URL"), optional={"API": "https://api.example"})

    assert handler.activate({"URL": "u"}).targets == {"": {"URL": "u", "API": "https://api.example"}}
    assert handler.activate({"URL": "u", "API": "x"}).targets == {"": {"URL": "u", "API": "x"}}


def test_targets_that_make_no_sense_are_misconfigured_not_fatal():
    def targets(settings):
        raise ConfigurationError("two URLs and one secret")

    activation = a_handler(needs=all_of("URL"), targets=targets).activate({"URL": "u"})

    assert (activation.state, activation.why) == ("misconfigured", "two URLs and one secret")


@pytest.mark.parametrize(("env", "state"), [({}, "on"), ({"URL": "u"}, "off"), ({"TOKEN": "half"}, "off")])
def test_a_handler_that_needs_nothing_is_on_only_where_nothing_else_is(env, state):
    handlers = {"a": a_handler(), "b": a_handler(name="toy.spare", needs=None)}

    assert activate(handlers, env)[1].state == state


def test_the_decorator_hands_the_function_back_unchanged():
    def register_me(event, run):
        return "done"

    assert handles(LeadCreated, needs="X")(register_me) is register_me


def test_the_former_name_of_a_lease_check_still_checks_it():
    def lost():
        raise LeaseLost

    run = Run(id=1, handler="toy.do", delivery=Delivery(key="d-1", body=b"", received_us=1), check_lease=lost)

    for check in (run.check_lease, run.hold):
        with pytest.raises(LeaseLost):
            check()


def test_a_second_handler_of_the_same_name_fails_at_start():
    def twin(event, run): ...

    def other(event, run): ...

    twin.__module__, other.__module__, other.__name__ = "one.toy", "two.toy", "twin"
    handles(LeadCreated)(twin)

    with pytest.raises(DuplicateHandler, match=r"toy\.twin"):
        handles(LeadCreated)(other)


def test_handlers_are_found_by_walking_the_package():
    toys = [f"toys.{name}" for name in ("bundled", "gathering", "many", "moody", "paced", "slow", "steady")]
    assert sorted(load("tests.toys")) == ["odd.act", "odd.act_on_all", "odd.ask_four_times", *toys]


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
