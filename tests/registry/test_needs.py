import pytest

from receiver.registry import all_of, ambient, one_of
from tests.support.handlers import SLACK, a_handler

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


@pytest.mark.parametrize(("needs", "env", "state", "missing", "settings"), ACTIVATIONS)
def test_what_is_set_decides_whether_a_handler_is_on(needs, env, state, missing, settings):
    activation = a_handler(needs=needs).activate(env | {"OTHER": "not its business"})

    assert activation.state == state
    assert missing is None or activation.why == missing
    assert settings is None or activation.targets == {"": settings}
