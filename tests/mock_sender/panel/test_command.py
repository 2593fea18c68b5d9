"""`mock-sender panel`, as a process."""

import re
import signal
import socket
import subprocess

import httpx

from tests.support.processes import started
from tests.support.sender import mock_sender


def test_it_prints_its_address_serves_there_and_ends_quietly(tmp_path):
    database = tmp_path / "sender.db"
    arguments = ("-u", "-m", "mock_sender", "panel", "--port", "0", "--lang", "en", "--db", str(database))

    with started(*arguments, env={}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as panel:
        address = re.search(r"http://127\.0\.0\.1:\d+/", panel.stdout.readline()).group()
        answer = httpx.get(address)
        panel.send_signal(signal.SIGINT)
        said, code = panel.stdout.read(), panel.wait(10)

    assert (answer.status_code, "Custom webhook" in answer.text) == (200, True)
    assert (said.strip(), code) == ("", 0)
    assert database.stat().st_mode & 0o077 == 0


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = mock_sender("panel", "--port", str(port), "--db", str(tmp_path / "sender.db"))

    assert ran.returncode == 2
    assert ran.stderr == f"Error: Cannot listen on 127.0.0.1:{port}: give --port or --host another.\n"
    assert "Traceback" not in ran.stderr


def test_listening_for_others_is_warned_of(tmp_path):
    arguments = ("-u", "-m", "mock_sender", "panel", "--port", "0", "--host", "0.0.0.0", "--db", str(tmp_path / "s.db"))

    with started(*arguments, env={}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as panel:
        assert "it has no password" in panel.stderr.readline()


def test_connections_made_on_the_command_line_are_on_its_page(tmp_path):
    database = str(tmp_path / "sender.db")
    mock_sender("connect", "http://127.0.0.1:9/x", "--name", "from-the-command-line", "--db", database)
    arguments = ("-u", "-m", "mock_sender", "panel", "--port", "0", "--db", database)

    with started(*arguments, env={}, stdout=subprocess.PIPE, text=True) as panel:
        address = re.search(r"http://\S+", panel.stdout.readline()).group()
        page = httpx.get(address).text

    assert "from-the-command-line" in page
