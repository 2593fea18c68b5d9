import logging
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest

from receiver.toolkit import within
from receiver.toolkit.http import ANSWER_BYTES, NoAnswer, send
from tests.support.http import Server
from tests.support.processes import CHECKOUT, free_port

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
EVERY_S = 0.1


@contextmanager
def server(*pieces, every_s=EVERY_S, drain_s=0):
    """Answers each connection with these pieces, a moment apart, for as long as somebody listens."""
    seen = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                time.sleep(drain_s)
                seen.append(connection.recv(65536))
                try:
                    for piece in pieces:
                        connection.sendall(piece)
                        time.sleep(every_s)
                except OSError:
                    pass
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        port = listener.getsockname()[1]
        yield f"http://127.0.0.1:{port}/hooks/s3cr3t-path", frozenset([f"127.0.0.1:{port}"]), seen


def drip(text):
    return [text[i : i + 1] for i in range(len(text))]


SLOW = {
    "a first byte that never comes": [b""] * 100,
    "a status line that drips": drip(b"HTTP/1.1 200 " + b"O" * 100),
    "headers that drip": [b"HTTP/1.1 200 OK\r\n", *drip(b"X-Slow: " + b"y" * 100)],
}


@pytest.mark.timed
@pytest.mark.parametrize("pieces", SLOW.values(), ids=SLOW)
def test_the_deadline_for_the_whole_request_holds_before_the_answer_is_known(pieces):
    with server(*pieces) as (url, allowed, _):
        began = time.monotonic()

        with pytest.raises(NoAnswer):
            send("POST", url, content=b"{}", allowed=allowed, total_s=0.6)

        assert time.monotonic() - began < 1.2


@pytest.mark.timed
def test_a_body_that_drips_is_cut_at_the_deadline_and_the_status_counts():
    with server(OK, *drip(b"z" * 100)) as (url, allowed, _):
        began = time.monotonic()

        answer = send("POST", url, allowed=allowed, total_s=0.6)

        assert time.monotonic() - began < 1.2
        assert (answer.status_code, 0 < len(answer.content) < 20) == (200, True)


@pytest.mark.timed
def test_a_body_that_nobody_takes_in_ends_at_the_deadline():
    with server(drain_s=3) as (url, allowed, _):
        began = time.monotonic()

        with pytest.raises(NoAnswer):
            send("POST", url, content=b"x" * 20_000_000, allowed=allowed, total_s=0.6)

        assert time.monotonic() - began < 2


@pytest.mark.timed
def test_at_most_64_kib_of_an_answer_are_read():
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with server(head, *[b"x" * 50_000] * 100, every_s=0.05) as (url, allowed, _):
        began = time.monotonic()

        answer = send("POST", url, allowed=allowed)

        assert (len(answer.content), time.monotonic() - began < 2) == (ANSWER_BYTES, True)


def test_a_redirect_is_an_answer_like_any_other(world):
    world.fail("forward", status=307, headers={"Location": f"{world.url}/forward/other"})

    answer = send("POST", f"{world.url}/forward/hook", content=b"{}")

    assert (answer.status_code, world.forward.received) == (307, [])


SEND = "import sys; from receiver.toolkit import send; print(send('POST', sys.argv[1]).status_code)"


def test_the_environments_proxies_are_not_used(world):
    proxy = f"http://127.0.0.1:{free_port()}"
    env = os.environ | dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), proxy)
    env |= {"NO_PROXY": "", "no_proxy": ""}

    ran = subprocess.run(
        [sys.executable, "-c", SEND, f"{world.url}/forward/hook"], env=env, cwd=CHECKOUT, capture_output=True, text=True
    )

    assert (ran.stdout, len(world.forward.received)) == ("200\n", 1)


def test_a_cookie_is_not_sent_back():
    head = b"HTTP/1.1 200 OK\r\nSet-Cookie: id=1; Path=/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with server(head) as (url, allowed, seen):
        for _ in range(2):
            send("POST", url, content=b"{}", allowed=allowed)

    assert [b"ookie" in request for request in seen] == [False, False]


def test_a_connection_is_used_again(world_of_connections):
    url, connections = world_of_connections

    for _ in range(3):
        send("POST", url, content=b"{}", allowed=frozenset([url.removeprefix("http://")]))

    assert len(connections) == 1


@pytest.fixture
def world_of_connections():
    """A server that keeps its connections open, and the clients' addresses that it saw."""
    connections = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            connections.add(self.client_address)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", connections
    server.shutdown()
    server.server_close()


def test_an_answer_that_breaks_off_is_no_answer_that_can_be_used():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    with server(head, b"x") as (url, allowed, _), pytest.raises(NoAnswer):
        send("POST", url, content=b"{}", allowed=allowed)


def test_no_log_line_holds_the_path_of_a_url(world, caplog):
    caplog.set_level(logging.DEBUG)
    url, allowed = f"{world.url}/forward/s3cr3t-path", frozenset([world.url.removeprefix("http://")])

    send("POST", url, content=b"{}", allowed=allowed)
    with pytest.raises(NoAnswer) as refused:
        send("POST", f"http://127.0.0.1:{free_port()}/s3cr3t-path")

    assert len(world.forward.received) == 1
    assert "s3cr3t-path" not in caplog.text + str(refused.value)


def refused_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_what_went_wrong_with_a_request_has_a_slug():
    closed = refused_port()
    with server() as (silent, _, _), server(b"HTTP/1.1 200 OK\r\n") as (cut, _, _):
        urls = {
            "http://name-that-is-not.invalid/": "dns",
            f"http://127.0.0.1:{closed}/": "connect",
            silent.replace("http:", "https:"): "tls",
            cut: "no-answer",
        }
        failures = {}
        for url in urls:
            with pytest.raises(NoAnswer) as caught:
                send("POST", url, total_s=3)
            failures[url] = caught.value.failure

    assert failures == urls


def test_no_answer_in_time_has_a_slug():
    with server(*[b""] * 30) as (url, _, _), pytest.raises(NoAnswer) as caught:
        send("POST", url, total_s=0.3)

    assert caught.value.failure == "timeout"


@pytest.mark.timed
def test_a_request_within_a_deadline_ends_no_later_than_that_and_the_next_has_its_own_time():
    with server(*[b""] * 100) as (url, allowed, _):
        began = time.monotonic()

        with pytest.raises(NoAnswer) as raised, within(0.6):
            send("POST", url, allowed=allowed, total_s=6)

        assert time.monotonic() - began < 3
        assert raised.value.failure == "timeout"
    with server(OK, b"z" * 1000) as (url, allowed, _):
        assert send("POST", url, allowed=allowed).status_code == 200
