"""The wheels, installed in an empty virtual environment and run in an empty folder, without a checkout."""

import os
import re
import signal
import subprocess
import sys
import zipfile

import pytest

from tests.support.installed import build, install
from tests.support.processes import until

IMPORT_ALL = """
import importlib, pkgutil
for package in ("receiver", "handlers", "mock_sender"):
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, package + "."):
        # Not what is run, nor what an extra is for.
        if not module.name.endswith(("__main__", "pytest_plugin", "telemetry.reports", "telemetry.traces")):
            importlib.import_module(module.name)
print(root.__file__)
"""


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    build(folder, "wheel", "sdist")
    return folder


@pytest.fixture(scope="module")
def commands(dist, tmp_path_factory):
    return install(dist, tmp_path_factory.mktemp("wheel") / "venv")


@pytest.fixture
def place(base):
    """An empty folder to work in, and the environment of a stranger with a home and nothing on the PATH."""
    for name in ("home", "work"):
        (base / name).mkdir()
    env = {"HOME": str(base / "home"), "PATH": str(base), "BUSINESS_LANGUAGE": "en", "COLUMNS": "80"}
    return {"cwd": base / "work", "env": env}


def run(*command, place):
    ran = subprocess.run(command, **place, capture_output=True, text=True, timeout=60)
    return ran.returncode, ran.stdout, ran.stderr


@pytest.mark.timed  # the demo waits 15 s for what is to arrive
def test_the_demo_runs_to_its_last_line_and_leaves_nothing_where_it_was_started(commands, place):
    log = place["cwd"].parent / "out"
    with log.open("w") as out:
        demo = subprocess.Popen([commands / "receiver", "up", "--demo"], **place, stdout=out, stderr=out)
    try:
        text = until(lambda: (t := log.read_text()) and "Ctrl-C ends the demo." in t and t, within_s=60)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(20)

    inbox = f"{place['env']['HOME']}/.local/share/inboundflow-receiver/demo/inbox.db"
    assert f"Everything arrived. The inbox is {inbox}." in text
    assert (demo.returncode, os.listdir(place["cwd"])) == (0, [])
    assert (re.findall(r"^  (SLACK_\S+=\S+) (.*)$", text, re.MULTILINE)[0][1], "bin/up" in text) == (
        f"{commands}/receiver up",
        False,
    )


def test_every_module_finds_what_it_imports(commands, place):
    code, said, complaint = run(commands / "python", "-c", IMPORT_ALL, place=place)

    assert (code, said.startswith(str(commands.parent))) == (0, True), complaint


def test_the_help_says_where_the_pages_are(commands, place):
    _, said, _ = run(commands / "receiver", "--help", place=place)

    pages = commands.parent / "share/doc/inboundflow-receiver"
    assert said.endswith(f"The pages that it names (recipes/…, docs/…) are in:\n  {pages}\n")
    assert (pages / "recipes/es/slack.md").exists()
    assert (pages / "recipes/n8n-workflow.json").exists()
    assert (pages / "docs/troubleshooting.md").exists()


def test_the_doctor_finds_the_handlers_and_no_inbox_yet(commands, place):
    code, said, complaint = run(commands / "receiver", "doctor", place=place)

    assert (code, complaint) == (0, "")
    assert re.search(r"^console.show +on +all events$", said, re.MULTILINE)
    assert "database: none yet" in said


def test_the_wheels_are_what_the_sources_give(dist, tmp_path):
    for archive in dist.glob("*.tar.gz"):
        subprocess.run(["tar", "-xzf", archive, "-C", tmp_path], check=True)
        folder = tmp_path / archive.name.removesuffix(".tar.gz")
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)

    assert {wheel.name: names(wheel) for wheel in tmp_path.glob("*.whl")} == {
        wheel.name: names(wheel) for wheel in dist.glob("*.whl")
    }


def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {(info.filename, info.CRC) for info in archive.infolist() if not info.filename.endswith("RECORD")}
