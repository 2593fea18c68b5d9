"""The web process as it runs: a real gunicorn, and clients that do not behave."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import httpx
import pytest

from tests.support.processes import CHECKOUT, free_port, listens, started, until
from tests.support.web import SERVE, a_body, a_request, chunk

pytestmark = pytest.mark.timed


@pytest.fixture
def port(app_env):
    with serving(SERVE, app_env) as port:
        yield port


@contextmanager
def serving(script, env):
    port = free_port()
    with started("-c", script, env=env | {"PORT": str(port)}):
        until(lambda: listens(port), what="the server")
        yield port


def talk(port, *pieces, pause_s=0.0, wait_s=15):
    """Send the pieces and return all that comes back until the server closes, or the first answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait_s) as sock:
        for piece in pieces:
            with suppress(BrokenPipeError, ConnectionResetError):  # it has answered, and does not read on
                sock.sendall(piece)
            time.sleep(pause_s)
        answer = b""
        while b"}" not in answer:
            received = sock.recv(65536)
            if not received:
                break
            answer += received
        return answer


def test_a_body_in_chunks_is_stored(port):
    body = a_body("d-1")

    answer = talk(port, a_request(body, chunked=True), chunk(body[:10]), chunk(body[10:]), b"0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"stored"' in answer


def test_a_chunked_body_is_refused_once_it_passes_the_limit_however_long_it_would_be(port):
    pieces = [chunk(b"x" * 65536)] * 17

    answer = talk(port, a_request(b"", chunked=True), *pieces)

    assert answer.startswith(b"HTTP/1.1 413")
    assert b"body-too-large" in answer


def test_a_body_that_comes_too_slowly_is_408_and_the_connection_is_closed(port):
    body = a_body("d-1")

    began = time.monotonic()
    answer = talk(port, a_request(body), *[body[i : i + 1] for i in range(12)], pause_s=0.5)

    assert answer.startswith(b"HTTP/1.1 408")
    assert b"body-too-slow" in answer
    assert time.monotonic() - began < 8


def test_a_header_that_never_ends_is_cut_off(port):
    began = time.monotonic()

    with socket.create_connection(("127.0.0.1", port), timeout=15) as sock:
        sock.sendall(b"POST /webhooks/inboundflow HTTP/1.1\r\n")
        assert sock.recv(1024) == b""

    assert time.monotonic() - began < 8


@pytest.mark.parametrize(
    "pieces",
    [
        [a_request(b"", chunked=True), b"zz\r\n"],
        [a_request(b"", chunked=True), b"5\r\nabc\r\n0\r\n\r\n"],
        [b"POST /webhooks/inboundflow HTTP/1.1\r\nHost: x\r\nContent-Length: nan\r\n\r\n"],
        [b"\x16\x03\x01\x00\xa5\x01\x00\x00"],
        [b"GET / HTTP/9.9\r\n\r\n"],
        [b"POST /webhooks/inboundflow HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"],
    ],
    ids=["bad chunk size", "chunk too short", "no number", "TLS", "odd version", "huge header"],
)
def test_what_is_not_http_never_gives_a_500(port, pieces):
    try:
        answer = talk(port, *pieces)
    except ConnectionResetError:
        answer = b""

    assert answer == b"" or b" 4" in answer.split(b"\r\n")[0] or b" 505" in answer.split(b"\r\n")[0]
    assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200


def test_clients_that_connect_and_say_nothing_hold_no_thread(app_env):
    for_minutes = "from receiver.app import patience; patience.READ_S = 300; "  # so that none is cut off meanwhile
    with serving(for_minutes + SERVE, app_env) as port:
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(150)]

        answers = [httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=10).status_code for _ in range(5)]

        for sock in silent:
            sock.close()
    assert answers == [200] * 5


def test_a_genuine_delivery_among_slow_clients_that_fill_the_threads_is_answered_in_time(port):
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    for sock in slow:
        sock.sendall(b"POST /webhooks/inboundflow HTTP/1.1\r\n")
    body = a_body("d-1")

    began = time.monotonic()
    answer = talk(port, a_request(body), body)

    assert b'"stored"' in answer
    assert time.monotonic() - began < 10
    for sock in slow:
        sock.close()


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
