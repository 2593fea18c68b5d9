import pytest

from receiver.errors import ConfigurationError, DuplicateHandler
from receiver.events import CallCompleted, LeadCreated
from receiver.registry import Handler, activate, all_of, ambient, handles, load, one_of

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


def test_a_second_handler_of_the_same_name_fails_at_start():
    def twin(event, run): ...

    def other(event, run): ...

    twin.__module__, other.__module__, other.__name__ = "one.toy", "two.toy", "twin"
    handles(LeadCreated)(twin)

    with pytest.raises(DuplicateHandler, match=r"toy\.twin"):
        handles(LeadCreated)(other)


def test_handlers_are_found_by_walking_the_package():
    assert sorted(load("tests.toys")) == ["toys.moody", "toys.slow", "toys.steady"]
