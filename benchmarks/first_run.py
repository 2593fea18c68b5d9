"""How long a stranger waits for the demo's last line, with an empty home, no cache and no Redis.

Run: python -m benchmarks.first_run [PYTHON …]

A clone is started with bin/up; the wheels are built here, installed elsewhere, and run in an empty folder. Each is
done with each Python that is named (by default with the one that runs this), one after another.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import CHECKOUT

ARRIVED, LAST = "Everything arrived.", "Ctrl-C ends the demo."
PATIENCE_S = 240
KEPT = re.compile(r"LANG|HTTPS_PROXY|(PIP|UV)_\w*(CERT|INDEX_URL|TIMEOUT)|SSL_CERT_FILE")  # of the environment
PROGRAMS = ("git", "sh")  # what there is beside Python


class Ended(Exception):
    """The demo, or an installation, ended before its last line. Holds what it printed."""


@dataclass(frozen=True)
class Place:
    """A home of its own, and a PATH with nothing that could stand in for what is to be installed."""

    folder: Path
    python: str
    dist: Path

    @property
    def env(self) -> dict[str, str]:
        own = {"HOME": str(self.home), "PATH": str(self.folder / "programs"), "BUSINESS_LANGUAGE": "en"}
        return {**{name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}, **own}

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def empty(self) -> Path:
        """The folder in which an installed receiver is run."""
        return self.folder / "empty"

    def make(self) -> Place:
        for name in ("home", "programs", "empty"):
            (self.folder / name).mkdir()
        for name in PROGRAMS:
            (self.folder / "programs" / name).symlink_to(shutil.which(name) or name)
        return self

    def run(self, *command: str | Path) -> None:
        ran = subprocess.run(command, env=self.env, cwd=self.folder, capture_output=True, text=True)
        if ran.returncode:
            raise Ended(f"{' '.join(map(str, command))}\n{ran.stdout}{ran.stderr}")


def clone(place: Place) -> list[str | Path]:
    """Returns the demo's command, like the others."""
    place.run("git", "clone", "--quiet", CHECKOUT, "clone")
    return [place.python, place.folder / "clone" / "bin" / "up"]


def wheel(place: Place) -> list[str | Path]:
    """As pipx does it: a virtual environment of its own."""
    place.run(place.python, "-m", "venv", "venv")
    place.run(place.folder / "venv" / "bin" / "pip", "install", "--quiet", "--no-cache-dir", *wheels(place.dist))
    return [place.folder / "venv" / "bin" / "receiver", "up"]


def pipx(place: Place) -> list[str | Path]:
    receiver, sender = wheels(place.dist)
    tool = shutil.which("pipx") or "pipx"
    place.run(tool, "install", "--quiet", "--python", place.python, "--pip-args", f"--no-cache-dir {sender}", receiver)
    return [place.home / ".local" / "bin" / "receiver", "up"]


def uv(place: Place) -> list[str | Path]:
    receiver, sender = wheels(place.dist)
    tool = shutil.which("uv") or "uv"
    place.run(tool, "tool", "install", "--quiet", "--no-cache", "--python", place.python, "--with", sender, receiver)
    return [place.home / ".local" / "bin" / "receiver", "up"]


WAYS: dict[str, Callable[[Place], list[str | Path]]] = {"clone": clone, "wheel": wheel, "pipx": pipx, "uv": uv}


def wheels(dist: Path) -> tuple[Path, Path]:
    """The receiver's and the mock sender's: by their files, as names could be found on an index."""
    [receiver], [sender] = (list(dist.glob(f"inboundflow_{name}-*.whl")) for name in ("receiver", "mock_sender"))
    return receiver, sender


def measure(way: str, python: str, dist: Path) -> tuple[float, list[str]]:
    """The seconds until the demo's last line, and what a clone left in the home. Raises Ended."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), python, dist).make()
        began = time.monotonic()
        command = WAYS[way](place)
        show_demo(place, command)
        took_s = time.monotonic() - began
        return took_s, sorted(path.name for path in place.home.iterdir() if way == "clone")


def show_demo(place: Place, command: list[str | Path]) -> None:
    """Run the demo up to its last line."""
    demo = subprocess.Popen(
        [*command, "--demo"],
        env=place.env,
        cwd=place.empty,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    signal.signal(signal.SIGALRM, lambda *_: demo.terminate())
    signal.alarm(PATIENCE_S)
    try:
        lines = up_to_last(demo)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(30)
        signal.alarm(0)
    if not any(line.startswith(ARRIVED) for line in lines) or not lines[-1].startswith(LAST):
        raise Ended("".join(lines))


def up_to_last(demo: subprocess.Popen[str]) -> list[str]:
    lines = []
    for line in demo.stdout or ():
        lines.append(line)
        if line.startswith(LAST):
            break
    return lines


def program(python: str) -> str:
    """Where it is itself: a name may be a shim of pyenv's, which needs a PATH and a home."""
    script = "import sys; print(sys.executable)"
    return subprocess.run([python, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def version(python: str) -> str:
    return subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pythons", nargs="*", default=[sys.executable], metavar="PYTHON", help="its path")
    parser.add_argument(
        "--way", action="append", choices=WAYS, help="may be given several times (default: clone, wheel)"
    )
    parser.add_argument("--dist", type=Path, help="a folder with both wheels (default: built from this checkout)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        dist = (options.dist or build(Path(folder))).resolve()
        outcomes = [
            report(way, python, dist)
            for python in map(program, options.pythons)
            for way in options.way or ("clone", "wheel")
        ]
    sys.exit(0 if all(outcomes) else 1)


def build(folder: Path) -> Path:
    """Both wheels of this checkout, as bin/release builds them."""
    for project in (CHECKOUT, CHECKOUT / "mock_sender"):
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
        subprocess.run(command, cwd=project, check=True, capture_output=True)
    return folder


def report(way: str, python: str, dist: Path) -> bool:
    load = os.getloadavg()[0]
    try:
        took_s, left = measure(way, python, dist)
    except Ended as error:
        print(f"{way} on Python {version(python)} ended before the demo's last line:\n{error}", flush=True)
        return False
    print(
        f"Python {version(python):8} {way:6} {took_s:6.1f} s until the demo's last line; load before: {load:.1f}",
        flush=True,
    )
    if left:
        print(f"  left in the home: {', '.join(left)}", flush=True)
    return not left


if __name__ == "__main__":
    main()
