import json
import os
import pty
import subprocess
import sys

import pytest

from tests.support.cli import receiver
from tests.support.crm import HUBSPOT, hubspot_env, run
from tests.support.processes import CHECKOUT
from tests.support.tools import completed


def test_it_makes_the_properties_that_are_missing_and_then_a_call_can_be_kept(world):
    world.hubspot.forget_properties()

    ran = receiver("setup", "hubspot", **hubspot_env(world))

    assert (ran.returncode, ran.stderr) == (0, "")
    plan, *made = ran.stdout.splitlines()
    assert plan.startswith(
        "To be made, of 5000 that the account still takes: contacts: inboundflow_phone_e164, calls: "
    )
    assert made[:2] == ["contacts: inboundflow_phone_e164 made", "calls: inboundflow_call_id made"]
    assert world.hubspot.properties["calls"]["inboundflow_call_id"]["hasUniqueValue"] is True
    assert run(world, HUBSPOT, completed()).startswith("call ")


def test_run_again_it_leaves_what_is_there(world):
    ran = receiver("setup", "hubspot", "--json", **hubspot_env(world))

    said = json.loads(ran.stdout)
    assert (ran.returncode, said["destination"], said["problem"]) == (0, "hubspot", None)
    assert said["done"][0] == "Nothing is to be made"
    assert [line.rpartition(" ")[2] for line in said["done"][1:]] == ["there"] * 7


def test_a_property_that_is_there_without_unique_values_is_told(world):
    world.hubspot.properties["contacts"]["inboundflow_phone_e164"]["hasUniqueValue"] = False

    ran = receiver("setup", "hubspot", **hubspot_env(world))

    assert ran.returncode == 1
    assert "contacts have a property inboundflow_phone_e164 without unique values" in ran.stderr


def test_a_scope_that_is_missing_is_named(world):
    world.hubspot.forget_properties()
    world.hubspot.scopes.remove("crm.schemas.contacts.write")

    ran = receiver("setup", "hubspot", "--json", **hubspot_env(world))

    said = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert "lacks crm.schemas.contacts.write" in said["problem"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["hubspot"], "hubspot is off: set HUBSPOT_ACCESS_TOKEN"),
        (["acme"], "acme is no destination with something to set up. There are: hubspot"),
        (["slack.post"], "There are: hubspot"),
    ],
)
def test_what_cannot_be_set_up_is_said_with_exit_code_2(arguments, says):
    ran = receiver("setup", *arguments)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert says in ran.stderr


@pytest.mark.parametrize(("flags", "typed", "code"), [([], "n\n", 1), ([], "y\n", 0), (["--yes"], "", 0)])
def test_on_a_terminal_it_asks_first(world, flags, typed, code):
    world.hubspot.forget_properties()
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())

    ran = subprocess.run(
        [sys.executable, "-m", "receiver", "setup", "hubspot", *flags], stdin=theirs, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], **hubspot_env(world)}, cwd=CHECKOUT, timeout=30,
    )  # fmt: skip
    os.close(ours), os.close(theirs)

    assert (ran.returncode, "Go on?" in ran.stdout + ran.stderr) == (code, not flags)
    assert bool(world.hubspot.properties["calls"]) == (code == 0)
