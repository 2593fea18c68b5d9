import pytest

from receiver.errors import ConfigurationError, DuplicateHandler, LeaseLost
from receiver.events import Delivery, LeadCreated
from receiver.registry import Run, activate, all_of, handles, load
from tests.support.handlers import a_handler
from tests.support.pages import module


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


async def waits(event, run):
    return "done"


@pytest.mark.parametrize(
    ("function", "options", "says"),
    [
        (lambda event: "", {}, r"should take \(event, run\): too many positional arguments"),
        (lambda event, run, more: "", {}, r"should take \(event, run\): missing a required argument: 'more'"),
        (lambda events: [], {"batch": 5}, r"should take \(events, runs\)"),
        (waits, {}, "waits is async, and nobody would wait for it: a handler is a plain function"),
    ],
)
def test_a_function_that_cannot_be_called_with_an_event_and_a_run_is_refused_at_once(function, options, says):
    with pytest.raises(TypeError, match=says):
        handles(LeadCreated, needs="X", **options)(function)


def test_the_former_name_of_a_lease_check_still_checks_it_and_says_what_takes_its_place():
    def lost():
        raise LeaseLost

    run = Run(id=1, handler="toy.do", delivery=Delivery(key="d-1", body=b"", received_us=1), check_lease=lost)

    with pytest.warns(DeprecationWarning, match=r"call run\.check_lease"):
        check = run.hold
    with pytest.raises(LeaseLost):
        check()


VALUES = [
    ({"URL": "https://…"}, "URL still has the … of an example in it: put your own value there"),
    ({"URL": "https://a\x07b"}, "URL has a control character in it: copy it again"),
    ({"URL": "ftp://a"}, "URL should begin with https://"),
]


@pytest.mark.parametrize(("env", "why"), VALUES)
def test_a_variable_that_cannot_be_used_is_named_at_start_with_what_to_do(env, why):
    def validate(settings):
        if not settings["URL"].startswith("https://"):
            raise ConfigurationError("URL should begin with https://")

    activation = a_handler(needs=all_of("URL"), validate=validate).activate(env)

    assert (activation.state, activation.why) == ("misconfigured", why)


def test_variables_that_hold_lines_or_odd_defaults_are_taken():
    handler = a_handler(needs=all_of("KEY"), optional={"SIGN_OFF": "…"})

    assert handler.activate({"KEY": "-----BEGIN KEY-----\nabc\n"}).state == "on"


TWINS = """
from receiver import LeadCreated, handles
@handles(LeadCreated, needs="ACME_TOKEN")
def keep(event, run): ...
@handles(LeadCreated, needs="ACME_URL")
def keep(event, run): ...
"""


def test_two_functions_of_one_name_in_one_file_fail_at_start_too():
    with pytest.raises(DuplicateHandler, match=r"acme\.keep"), module("handlers_of_theirs.acme", TWINS, "acme.py"):
        pass


def test_a_file_that_is_loaded_again_replaces_its_own_handler():
    once = TWINS.rpartition("@handles")[0]

    with module("handlers_of_others.acme_again", once, "acme_again.py") as made:
        exec(compile(once, "acme_again.py", "exec"), vars(made))


def test_handlers_are_found_by_walking_the_package():
    toys = [f"toys.{name}" for name in ("bundled", "daily", "gathering", "many", "moody", "paced", "slow", "steady")]
    assert sorted(load("tests.toys")) == ["odd.act", "odd.act_on_all", "odd.ask_four_times", *toys]
