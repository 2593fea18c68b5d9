"""`mock-sender destinations`, as a process."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from receiver import registry
from tests.support.processes import CHECKOUT, started, until
from tests.support.sender import mock_sender

LAST = "FORWARD_URL"


@contextmanager
def destinations(tmp_path, *options):
    """The process, and what it prints, once it has printed all."""
    out, err = tmp_path / "out", tmp_path / "err"
    arguments = ("-m", "mock_sender", "destinations", "--port", "0", *options)
    with out.open("w") as o, err.open("w") as e, started(*arguments, env={}, stdout=o, stderr=e) as process:
        until(lambda: LAST in out.read_text() and (options or "The receiver" in err.read_text()), what="its lines")
        yield process, out, err


def exported(lines):
    """The variables that a shell has once it has read the lines."""
    dump = "import json, os; print(json.dumps(dict(os.environ)))"
    ran = subprocess.run(
        ["sh", "-c", f'. "{lines}"; "{sys.executable}" -c "{dump}"'], env={"PATH": os.environ["PATH"]},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(ran.stdout)


def test_the_lines_it_prints_turn_every_destination_on_and_the_page_it_names_is_served(tmp_path):
    with destinations(tmp_path) as (_, out, err):
        env = exported(out)
        is_on = {name: bool(h.activate(env).targets) for name, h in registry.load("handlers").items() if h.needs}
        address = next(word for word in err.read_text().split() if word.startswith("http"))
        page = httpx.get(address)

    assert {line.partition(" ")[0] for line in out.read_text().splitlines()} == {"export"}
    assert {name for name, on in is_on.items() if not on} == set()
    assert (page.status_code, "Nothing has arrived yet" in page.text) == (200, True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_quietly_and_takes_the_key_with_it(tmp_path, number):
    with destinations(tmp_path) as (process, out, err):
        key = Path(exported(out)["GOOGLE_APPLICATION_CREDENTIALS"])
        mode, said = key.stat().st_mode & 0o077, err.read_text()

        process.send_signal(number)

        assert (process.wait(10), err.read_text(), mode, key.exists()) == (0, said, 0, False)


def test_a_program_is_told_in_one_line_of_json(tmp_path):
    with destinations(tmp_path, "--json", "--lang", "es") as (_, out, err):
        told = json.loads(out.read_text())

        assert (httpx.get(told["state_url"]).json(), err.read_text()) == ({"effects": []}, "")
        assert "Todavía no ha llegado nada" in httpx.get(told["page_url"]).text
        assert httpx.get(told["text_url"]).text == ""
        assert told["env"]["GOOGLE_SERVICE_ACCOUNT_JSON"].startswith("{")


def test_it_listens_at_the_port_that_is_asked_for_and_names_one_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = mock_sender("destinations", "--port", str(port))

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"Error: Cannot listen on 127.0.0.1:{port}: give --port another.\n"


def test_help_is_shown_and_nothing_served():
    ran = mock_sender("destinations", "--help")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "[default: 8090" in ran.stdout


def test_without_their_package_it_names_the_command_that_installs_it():
    probe = "import sys; sys.modules['cryptography'] = None; from mock_sender.cli import main; main(['destinations'])"

    ran = subprocess.run([sys.executable, "-c", probe], cwd=CHECKOUT, capture_output=True, text=True, timeout=30)

    assert ran.returncode == 2
    assert ran.stderr.startswith("Error: The played destinations need more")
    assert "Traceback" not in ran.stderr
