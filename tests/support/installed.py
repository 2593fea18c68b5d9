"""The wheels of this checkout, installed in a virtual environment elsewhere without the network."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.processes import CHECKOUT
from tests.support.tools import lacking

OURS = {"inboundflow-receiver": CHECKOUT, "inboundflow-mock-sender": CHECKOUT / "mock_sender"}


def build(folder: Path, *targets: str) -> None:
    for project in OURS.values():
        words = [word for target in targets for word in ("--target", target)]
        command = [sys.executable, "-m", "hatchling", "build", *words, "--directory", folder]
        subprocess.run(command, cwd=project, check=True, capture_output=True)


def install(wheels: Path, venv: Path) -> Path:
    """Returns the folder of commands. What our wheels ask for is lent by the environment that runs the tests."""
    if not importlib.util.find_spec("ensurepip"):
        lacking("ensurepip (on Debian: apt install python3-venv)")
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    [packages] = venv.glob("lib/python*/site-packages")
    for name in needed("inboundflow-receiver", ""):
        lend(name, packages)
    pip = [venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-index", "--find-links", wheels]
    ran = subprocess.run([*pip, *OURS], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return venv / "bin"


def needed(name: str, extras: str, seen: set[tuple[str, str]] | None = None) -> Iterator[str]:
    """Every distribution that this one asks for here, and those that they ask for, but not our own."""
    seen = set() if seen is None else seen
    for requirement in map(Requirement, importlib.metadata.requires(name) or ()):
        found = canonicalize_name(requirement.name), ",".join(sorted(requirement.extras))
        if found in seen or not applies(requirement, extras):
            continue
        seen.add(found)
        if found[0] not in OURS:
            yield found[0]
        yield from needed(*found, seen)


def applies(requirement: Requirement, extras: str) -> bool:
    marker = requirement.marker
    return not marker or any(marker.evaluate({"extra": extra}) for extra in extras.split(","))


def lend(name: str, packages: Path) -> None:
    """Link what a distribution has installed, but for its commands."""
    distribution = importlib.metadata.distribution(name)
    tops = {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}
    for top in tops:
        if not (packages / top).exists():
            (packages / top).symlink_to(distribution.locate_file(top))
