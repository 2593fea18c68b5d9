"""Handlers in packages that are really installed: found by their entry points, and none stops another."""

import os
import subprocess
import sys

import pytest

from receiver.registry.plugins import INTERFACE
from tests.support import plugins
from tests.support.processes import CHECKOUT, free_port, is_healthy, started, until
from tests.support.up import UP, deliver

GOOD = """
from receiver import ConfigurationError, EVERY_EVENT, handles


def validate(settings):
    if not settings["TINY_TOKEN"].startswith("tiny-"):
        raise ConfigurationError("TINY_TOKEN should begin with tiny-: copy it from Settings, API")


@handles(*EVERY_EVENT, needs="TINY_TOKEN", optional={"TINY_URL": "https://tiny.example"}, validate=validate)
def keep(event, run):
    print("KEPT", run.handler, run.delivery.key, flush=True)
"""
ELSEWHERE = "from .keeping import keep\n"
BROKEN = """
from receiver import CallCompleted, handles
from receiver.toolkit import no_such_name

@handles(CallCompleted, needs="TORN_TOKEN")
def keep(event, run): ...
"""
RAISING = "from receiver import ConfigurationError\nraise ConfigurationError('RAISED_URL is needed to import')\n"
PACKAGES = {
    # name              its files                                             its entry points
    "inboundflow-tiny": ({"__init__.py": ELSEWHERE, "keeping.py": GOOD},      ["tiny = 'inboundflow_tiny'"]),
    "inboundflow-twin": ({"__init__.py": "", "keeping.py": GOOD},             ["twin-crm = 'inboundflow_twin.keeping'"]),
    "inboundflow-torn": ({"__init__.py": BROKEN},                             ["torn = 'inboundflow_torn'"]),
    "inboundflow-gone": ({"__init__.py": ""},                                 ["gone = 'inboundflow_gone.nothing_there'"]),
    "inboundflow-rude": ({"__init__.py": RAISING},                            ["rude = 'inboundflow_rude'"]),
    "inboundflow-idle": ({"__init__.py": ""},                                 ["idle = 'inboundflow_idle'"]),
    "inboundflow-odd":  ({"__init__.py": GOOD},                               ["'9 lives' = 'inboundflow_odd'"]),
    "inboundflow-chat": ({"__init__.py": GOOD},                               ["slack = 'inboundflow_chat'"]),
    "z-tiny":           ({"__init__.py": GOOD},                               ["tiny = 'z_tiny'"]),
}  # fmt: skip
SCRIPT = """
import os
from receiver import registry
for a in registry.activate(registry.discover("handlers"), os.environ):
    print(a.handler.name, a.state, ",".join(a.events()), a.why, a.handler.origin, sep="|")
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder that they are all installed in."""
    folder = tmp_path_factory.mktemp("plugins")
    plugins.install(folder / "site", *(plugins.write(folder, name, *of) for name, of in PACKAGES.items()))
    return folder / "site"


def run(installed, *arguments, **env):
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=CHECKOUT, capture_output=True, text=True, timeout=60,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(installed), **env},
    )  # fmt: skip
    assert "Traceback" not in ran.stderr
    return ran.stdout


def activations(installed, **env):
    return {line.split("|")[0]: line.split("|")[1:] for line in run(installed, "-c", SCRIPT, **env).splitlines()}


def test_a_plug_ins_handler_is_found_under_its_entry_points_name_and_turned_on_by_its_variables(installed):
    found = activations(installed, TINY_TOKEN="tiny-1", TINY_EVENTS="call.completed")

    assert found["tiny.keep"] == ["on", "call.completed", "", "inboundflow-tiny 1.0"]


def test_two_plug_ins_may_use_the_same_names_for_their_functions(installed):
    found = activations(installed, TINY_TOKEN="tiny-1")

    assert (found["tiny.keep"][0], found["twin_crm.keep"][0]) == ("on", "on")


def test_a_variable_that_makes_no_sense_is_named_at_start_with_what_to_do(installed):
    found = activations(installed, TINY_TOKEN="wrong")

    assert found["tiny.keep"][::2] == [
        "misconfigured",
        "TINY_TOKEN should begin with tiny-: copy it from Settings, API",
    ]


UNUSABLE = {
    # its name                      what is said of it
    "torn.keep": "inboundflow_torn cannot be imported (ImportError: cannot import name 'no_such_name' from "
    f"'receiver.toolkit' ({CHECKOUT}/receiver/toolkit/__init__.py)): install a version of inboundflow-torn 1.0 for "
    f"handler interface {INTERFACE}, or uninstall it",
    "gone": "inboundflow_gone.nothing_there cannot be imported (ModuleNotFoundError: No module named "
    "'inboundflow_gone.nothing_there'): install a version of inboundflow-gone 1.0 for handler interface "
    f"{INTERFACE}, or uninstall it",
    "rude": "RAISED_URL is needed to import: install a version of inboundflow-rude 1.0 for handler interface "
    f"{INTERFACE}, or uninstall it",
    "idle (inboundflow-idle 1.0)": "inboundflow-idle 1.0: inboundflow_idle registers no handler: put @handles over a "
    "function in it",
    "9 lives (inboundflow-odd 1.0)": "inboundflow-odd 1.0: its entry point's name should be letters, digits and _, as "
    "in a variable's name",
    "slack (inboundflow-chat 1.0)": "inboundflow-chat 1.0: a file of handlers/ has that name too: rename that, or "
    "uninstall one",
    "tiny (z-tiny 1.0)": "z-tiny 1.0: inboundflow-tiny 1.0 has that name too: rename that, or uninstall one",
}


def test_what_cannot_be_used_says_why_and_opens_nothing_where_nobody_wants_it(installed):
    found = activations(installed, TINY_TOKEN="tiny-1")

    states = {name: found.get(name, ["not there"]) for name in UNUSABLE}
    assert {name: state[2] for name, state in states.items()} == UNUSABLE
    assert {tuple(state[:2]) for state in states.values()} == {("misconfigured", "")}
    assert found["slack.post"][0] == "off"


def test_the_runs_of_a_broken_plug_in_wait_where_one_of_its_variables_is_set(installed):
    assert activations(installed, TORN_TOKEN="x")["torn.keep"][:2] == ["misconfigured", "call.completed"]


def test_doctor_names_the_package(installed, tmp_path):
    said = run(installed, "-m", "receiver", "doctor", "--offline", DATA_DIR=str(tmp_path), TORN_TOKEN="x")

    assert "inboundflow-torn 1.0" in " ".join(said.split())


def test_what_is_delivered_reaches_a_plug_in_beside_broken_ones(installed, tmp_path):
    env = {
        "DATA_DIR": str(tmp_path / "data"), "PORT": str(free_port()), "PYTHONPATH": str(installed),
        "TINY_TOKEN": "tiny-1", "TORN_TOKEN": "x",
    }  # fmt: skip
    with (tmp_path / "out").open("w") as out, started(*UP, env=env, stdout=out, stderr=out):
        until(lambda: is_healthy(int(env["PORT"])))

        deliver(env, "d-1")

        until(lambda: "KEPT tiny.keep d-1" in (tmp_path / "out").read_text(), what="its line")
