from handlers.console import show
from tests.support.tools import a_run, completed


def test_a_line_says_what_and_which_but_not_who(capsys):
    from receiver import registry

    run = a_run("hubspot.keep_contact", {"HUBSPOT_ACCESS_TOKEN": "x"}, completed())
    spare = registry.load("handlers")["console.show"].activate({"CONSOLE_FULL": "1"})
    object.__setattr__(run, "settings", spare.targets[""])

    show(completed(), run)

    assert capsys.readouterr().out == "call.completed delivery=d-1 call=call-1\n"
