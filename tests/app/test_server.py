import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from receiver import settings
from receiver.app.server import OPTIONS, Server
from tests.support import systemd
from tests.support.processes import CHECKOUT, free_port, is_healthy, until
from tests.support.web import a_body, a_request, talk


class Renamed(Server):
    options = {**OPTIONS, "keepalive_seconds": 100}  # noqa: RUF012


def test_an_option_that_gunicorn_does_not_know_stops_the_start_and_is_named(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        Renamed(settings.read({"DATA_DIR": str(tmp_path)}), "127.0.0.1:0", narrows=False)

    assert end.value.code == 1
    assert "has no option keepalive_seconds" in capsys.readouterr().err


def test_every_option_is_set(tmp_path):
    server = Server(settings.read({"DATA_DIR": str(tmp_path)}), "127.0.0.1:0", narrows=False)

    assert {name: server.cfg.settings[name].get() for name in ("workers", "backlog", "preload_app")} == {
        name: OPTIONS[name] for name in ("workers", "backlog", "preload_app")
    }


@pytest.mark.timed
def test_every_200_under_load_is_in_the_database_after_kill_9(port, app_env):
    def send(n):
        body = a_body(f"d-{n}")
        try:
            answer = talk(port, a_request(body), body)
        except OSError:
            return None
        return f"d-{n}" if b'"stored"' in answer else None

    with ThreadPoolExecutor(16) as pool:
        futures = [pool.submit(send, n) for n in range(3000)]
        until(lambda: sum(future.done() for future in futures) > 400)
        for pid in web_processes(port):
            os.kill(pid, signal.SIGKILL)
        acknowledged = {future.result() for future in futures} - {None}

    rows = sqlite3.connect(app_env["DATA_DIR"] + "/inbox.db").execute("SELECT key FROM deliveries").fetchall()
    assert len(acknowledged) > 400
    assert acknowledged - {row[0] for row in rows} == set()


def web_processes(port):
    pids = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/environ", "rb") as file:
                    if f"PORT={port}".encode() in file.read().split(b"\0"):
                        pids.append(int(entry))
            except OSError:
                continue
    return pids


@pytest.mark.timed
def test_the_web_process_does_not_start_without_a_secret_and_says_what_to_set(tmp_path):
    process = subprocess.run(
        [sys.executable, "-m", "receiver", "web"],
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        timeout=20,
    )

    assert process.returncode == 2
    assert "INBOUNDFLOW_SIGNING_SECRET" in process.stderr
    assert "Traceback" not in process.stderr


def test_a_socket_that_systemd_listens_on_is_taken_though_its_port_is_that_of_the_settings(tmp_path):
    port = free_port()
    env = {**os.environ, "DATA_DIR": str(tmp_path), "PORT": str(port), "INBOUNDFLOW_SIGNING_SECRET": "a secret"}
    with systemd.bound(port) as listener:
        web = systemd.activated([sys.executable, "-m", "receiver", "web"], listener, env, cwd=CHECKOUT)
        try:
            until(lambda: web.poll() is None and is_healthy(port), what="the server")
        finally:
            systemd.end_group(web)
