"""Clients that do not behave, at a real gunicorn."""

import http.client
import signal
import socket
import time

import httpx
import pytest

from tests.support.processes import is_healthy, started, until
from tests.support.restarts import SECRET, ask, kept
from tests.support.web import SERVE, a_body, a_request, serving, talk

pytestmark = pytest.mark.timed


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


def test_an_address_that_is_too_long_is_refused_in_the_form_of_the_api(port):
    fits, too_long = (httpx.get(f"http://127.0.0.1:{port}/no/page?event={'x' * n}") for n in (8100, 8200))

    assert (fits.status_code, too_long.status_code) == (404, 400)
    assert too_long.headers["Content-Type"] == "application/problem+json"
    assert too_long.json()["reason"] == "request-not-valid"
    assert "8190 bytes" in too_long.json()["detail"]


def test_clients_that_connect_and_say_nothing_hold_no_thread(app_env):
    for_minutes = "from receiver.app import client; client.READ_S = 300; "  # so that none is cut off meanwhile
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


def test_it_ends_at_once_though_connections_idle(place):
    with started("-m", "receiver", "web", env=place) as web:
        until(lambda: is_healthy(int(place["PORT"])), what="the server")
        kept_alive = [http.client.HTTPConnection("127.0.0.1", int(place["PORT"]), timeout=20) for _ in range(10)]
        assert [ask(connection, f"d-{n}") for n, connection in enumerate(kept_alive)] == [(200, True)] * 10
        silent = [socket.create_connection(("127.0.0.1", int(place["PORT"]))) for _ in range(10)]

        began = time.monotonic()
        web.send_signal(signal.SIGTERM)

        assert web.wait(20) == 0
        assert time.monotonic() - began < 5
        assert [connection.recv(1) for connection in silent] == [b""] * 10


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_slow_body_that_has_begun_is_awaited_when_it_ends(place, number):
    body = a_body("slow")
    with started("-m", "receiver", "web", env=place) as web:
        until(lambda: is_healthy(int(place["PORT"])), what="the server")
        with socket.create_connection(("127.0.0.1", int(place["PORT"])), timeout=15) as sock:
            sock.sendall(a_request(body, secret=SECRET) + body[:10])
            time.sleep(0.5)
            web.send_signal(number)
            time.sleep(2)
            sock.sendall(body[10:])
            answer = sock.recv(4096)

        assert answer.startswith(b"HTTP/1.1 200")
        assert web.wait(10) == (0 if number == signal.SIGTERM else -number)
        assert kept(place) == {"slow"}
