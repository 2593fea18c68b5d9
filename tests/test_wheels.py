"""Nobody who installs the receiver needs a compiler, on the machines that it is for."""

import importlib.metadata
import platform
import sys
import tomllib

import pytest

from tests.support.processes import CHECKOUT
from tests.wheels import MACHINES, PYTHONS, Machine, carries_server, manylinux, requirements, without_wheel

HERE = "{}.{}".format(*sys.version_info)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
@pytest.mark.parametrize("python", PYTHONS)
def test_every_package_has_a_wheel(machine, python):
    assert without_wheel(machine, python) == []


def test_a_redis_comes_with_it_but_on_intel_macs():
    carried = [machine.name for machine in MACHINES if carries_server(machine, PYTHONS[0])]

    assert carried == [machine.name for machine in MACHINES[:3]]


def test_a_machine_that_no_wheel_is_for_is_told_apart():
    odd = Machine("Linux, RISC-V", "linux", "riscv64", manylinux("riscv64", 36))

    assert [name for name in without_wheel(odd, "3.12") if name.startswith("gevent==")]


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="the lock is read for another machine"
)
def test_what_the_lock_installs_here_is_what_is_installed():
    names = [requirement.split("==") for requirement in requirements(MACHINES[0], HERE)]

    assert {name: importlib.metadata.version(name) for name, _ in names} == dict(names)


@pytest.mark.parametrize("folder", [".", "mock_sender"])
def test_the_index_is_told_for_which_pythons_it_is(folder):
    project = tomllib.loads((CHECKOUT / folder / "pyproject.toml").read_text())["project"]
    named = [name.rpartition(" ")[2] for name in project["classifiers"] if name.startswith("Programming Language")]

    assert (tuple(named), project["requires-python"]) == (PYTHONS, f">={PYTHONS[0]}")
