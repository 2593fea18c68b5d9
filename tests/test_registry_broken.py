"""A handler's file that Python cannot import stops its own handlers, and no other."""

import os
import subprocess
import sys

import pytest

from tests.support.processes import CHECKOUT, free_port, is_healthy, started, until
from tests.support.up import UP, deliver

GOOD = """
from receiver import EVERY_EVENT, handles

@handles(*EVERY_EVENT)
def show(event, run):
    print("SHOWN", run.delivery.key, flush=True)
"""
DECLARED = """

@handles(CallCompleted, LeadCreated, needs=all_of("SDK_KEY", "SDK_URL"))
def act(event, run):
    pass
"""
IMPORTS = "from receiver import CallCompleted, LeadCreated, all_of, handles\n"
BROKEN = {
    "an import": f"import no_such_sdk\n{IMPORTS}{DECLARED}",
    "after its handler": f"{IMPORTS}{DECLARED}\nraise RuntimeError('of another version')\n",
    "an exit": f"import sys\n{IMPORTS}\nsys.exit('no SDK')\n{DECLARED}",
    "a name": f"{IMPORTS}{DECLARED}\nno_such_name\n",
}
UNREADABLE = {"syntax": "def (:\n", "bytes": "\x00"}
SCRIPT = """
import os, sys
from receiver import registry
for a in registry.activate(registry.load("handlers"), os.environ):
    print(a.handler.name, a.state, ",".join(a.events()), a.why, sep="|")
"""


@pytest.fixture
def checkout(tmp_path):
    """The receiver with two handlers of its own; what it runs in is first on Python's path."""
    (tmp_path / "receiver").symlink_to(CHECKOUT / "receiver")
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers" / "__init__.py").touch()
    (tmp_path / "handlers" / "good.py").write_text(GOOD)
    return tmp_path


def run(checkout, *arguments, **env):
    return subprocess.run(
        [sys.executable, *arguments], cwd=checkout, capture_output=True, text=True, timeout=30,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(checkout / "data"), "PYTHONPATH": str(checkout), **env},
    )  # fmt: skip


def activations(checkout, **env):
    ran = run(checkout, "-c", SCRIPT, **env)
    assert ran.stderr == ""
    return {line.split("|")[0]: line.split("|")[1:] for line in ran.stdout.splitlines()}


@pytest.mark.parametrize("kind", BROKEN)
def test_its_handlers_are_misconfigured_and_their_runs_wait_where_they_are_wanted(checkout, kind):
    (checkout / "handlers" / "broken.py").write_text(BROKEN[kind])

    state, events, why = activations(checkout, SDK_KEY="x")["broken.act"]

    assert (state, events) == ("misconfigured", "call.completed,lead.created")
    assert why.startswith("handlers.broken cannot be imported (")


@pytest.mark.parametrize("kind", [*BROKEN, *UNREADABLE])
def test_where_nobody_wants_them_nothing_waits_and_the_others_are_on(checkout, kind):
    (checkout / "handlers" / "broken.py").write_text((BROKEN | UNREADABLE)[kind])

    states = activations(checkout)

    name = "broken.act" if kind in BROKEN else "broken"
    assert (states[name][:2], states["good.show"][0]) == (["misconfigured", ""], "on")


def test_targets_that_fail_in_any_way_are_misconfigured_too(checkout):
    (checkout / "handlers" / "broken.py").write_text(
        f"{IMPORTS}\n@handles(CallCompleted, needs='KEY', targets=lambda s: s['secret'])\ndef act(event, run):\n    pass\n"
    )

    assert activations(checkout, KEY="x")["broken.act"][::2] == [
        "misconfigured", "its variables cannot be read (KeyError)",
    ]  # fmt: skip


def test_doctor_says_what_python_says(checkout):
    (checkout / "handlers" / "broken.py").write_text(BROKEN["an import"])

    ran = run(checkout, "-m", "receiver", "doctor", "--offline")

    assert "ModuleNotFoundError: No module named 'no_such_sdk'" in ran.stdout
    assert "Traceback" not in ran.stderr


def test_what_is_delivered_reaches_the_other_handlers(checkout):
    (checkout / "handlers" / "broken.py").write_text(BROKEN["an import"])
    env = {"DATA_DIR": str(checkout / "data"), "PORT": str(free_port()), "PYTHONPATH": str(checkout)}
    with (checkout / "out").open("w") as out, started(*UP, env=env, cwd=checkout, stdout=out, stderr=out):
        until(lambda: is_healthy(int(env["PORT"])))

        deliver(env, "d-1")

        until(lambda: "SHOWN d-1" in (checkout / "out").read_text(), what="its line")
