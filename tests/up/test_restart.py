"""The web process ends and starts while deliveries come in, over new connections and over kept ones."""

import http.client
import json
import os
import signal
import socket
import sqlite3
import threading
import time
from contextlib import contextmanager

import pytest

from mock_sender.sign import sign
from receiver.app.server import GRACEFUL_S
from tests.support.processes import children_of, free_port, is_alive, is_healthy, started, status_of, until, words_of

pytestmark = pytest.mark.timed

SECRET = "a secret for restarts"
PROMISE_S = 9
PATH = "/webhooks/inboundflow"


@pytest.fixture
def place(tmp_path):
    return {"DATA_DIR": str(tmp_path), "PORT": str(free_port()), "INBOUNDFLOW_SIGNING_SECRET": SECRET}


class Sender(threading.Thread):
    """Sends one delivery after the other, and notes what became of each."""

    def __init__(self, place, name, *, keeps, pause_s=0.0):
        super().__init__(name=name, daemon=True)
        self.port = int(place["PORT"])
        self.keeps = keeps
        self.pause_s = pause_s
        self.enough = threading.Event()
        self.connection = None
        self.answered = {}  # key: seconds
        self.refused = {}  # key: why there was no connection
        self.broken = {}  # key: (why there was no answer, whether it was the connection's first request)

    def run(self):
        number = 0
        while not self.enough.is_set():
            number += 1
            self.send(f"{self.name}-{number}")
            time.sleep(self.pause_s)

    def send(self, key):
        began = time.monotonic()
        first = self.connection is None
        try:
            connection = self.connection or self.connect()
        except OSError as error:
            self.refused[key] = repr(error)
            time.sleep(0.05)
            return
        try:
            status, stays = ask(connection, key)
            assert status == 200, (key, status)
            self.answered[key] = time.monotonic() - began
        except (OSError, http.client.HTTPException) as error:
            self.broken[key] = (repr(error), first)
            stays = False
        self.connection = connection if stays and self.keeps else None
        if not self.connection:
            connection.close()

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.connect()
        return connection

    def end(self):
        self.enough.set()
        self.join(25)


def request(connection, key):
    body = json.dumps({"delivery_id": key, "event": "call.completed", "data": {}}).encode()
    now = str(int(time.time()))
    headers = {"X-InboundFlow-Timestamp": now, "X-InboundFlow-Signature": sign(SECRET, int(now), body)}
    connection.request("POST", PATH, body, headers)


def ask(connection, key):
    """The status of one delivery, and whether the connection stays."""
    request(connection, key)
    answer = connection.getresponse()
    answer.read()
    return answer.status, not answer.will_close


@contextmanager
def sending(place):
    """Four senders that connect for each delivery, four that keep their connection, and one that often idles on it."""
    senders = [
        *[Sender(place, f"new{n}", keeps=False) for n in range(4)],
        *[Sender(place, f"kept{n}", keeps=True) for n in range(4)],
        Sender(place, "idle", keeps=True, pause_s=0.3),
    ]
    for sender in senders:
        sender.start()
    try:
        yield senders
    finally:
        for sender in senders:
            sender.end()


def kept(place):
    rows = sqlite3.connect(place["DATA_DIR"] + "/inbox.db").execute("SELECT key FROM deliveries")
    return {row[0] for row in rows}


def all_of(senders, what):
    return {key: value for sender in senders for key, value in getattr(sender, what).items()}


def web_of(up):
    return next((pid for pid in children_of(up.pid) if words_of(pid)[-1:] == ["web"]), None)


def booted(web):
    """Its processes that have built the application, and with it the thread that writes rejections."""
    return [pid for pid in children_of(web) if status_of(pid)["threads"] > 1]


def check_what_was_promised(place, senders):
    """Each answer is in the database; what got none was never begun, on a kept connection that idled."""
    unanswered = all_of(senders, "broken")

    assert set(all_of(senders, "answered")) - kept(place) == set()
    assert set(unanswered) & kept(place) == set()
    assert [found for found in unanswered.items() if found[1][1]] == []
    assert len(unanswered) <= len(senders)
    assert max(all_of(senders, "answered").values()) < PROMISE_S


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_rolling_restarts_under_up_refuse_nobody_and_answer_all_that_was_accepted(place, number):
    with started("-m", "receiver", "up", env=place) as up:
        until(lambda: is_healthy(int(place["PORT"])), what="the server")
        with sending(place) as senders:
            for _ in range(2):
                time.sleep(1)
                web = web_of(up)
                workers = children_of(web)
                os.kill(web, number)
                until(lambda old=workers: not any(is_alive(pid) for pid in old), what="their end")
                until(lambda: web_of(up) and len(children_of(web_of(up))) == 2, what="others")
            time.sleep(2)

        assert all_of(senders, "refused") == {}
        assert len(all_of(senders, "answered")) > 50
        check_what_was_promised(place, senders)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("whole_group", [False, True], ids=["it alone", "as Ctrl-C does"])
def test_the_web_process_ends_after_it_has_answered_all_that_connected(place, number, whole_group):
    with started("-m", "receiver", "web", env=place) as web:
        until(lambda: is_healthy(int(place["PORT"])), what="the server")
        with sending(place) as senders:
            time.sleep(1.5)

            (os.killpg if whole_group else os.kill)(web.pid, number)

            assert web.wait(PROMISE_S) == 0
        assert len(all_of(senders, "answered")) > 50
        check_what_was_promised(place, senders)


def test_the_end_of_all_processes_resets_nobody_though_the_worker_takes_longer_than_the_web_process(place):
    with started("-m", "receiver", "up", env=place) as up:
        until(lambda: is_healthy(int(place["PORT"])), what="the server")
        with sending(place) as senders:
            time.sleep(1.5)

            up.send_signal(signal.SIGTERM)

            assert up.wait(2 * PROMISE_S) == 0
        assert len(all_of(senders, "answered")) > 50
        check_what_was_promised(place, senders)


def test_whoever_had_connected_when_it_ends_is_answered_though_nobody_had_taken_the_call(place):
    with started("-m", "receiver", "web", env=place) as web:
        until(lambda: is_healthy(int(place["PORT"])) and len(booted(web.pid)) == 2, what="the server")
        workers = children_of(web.pid)
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        until(lambda: all(line_of(pid, "State") == "T" for pid in workers), what="their standstill")
        callers = [http.client.HTTPConnection("127.0.0.1", int(place["PORT"]), timeout=20) for _ in range(50)]
        for number, caller in enumerate(callers):
            request(caller, f"queued{number}")

        web.send_signal(signal.SIGTERM)
        until(lambda: all(is_told_to_end(pid) for pid in workers), what="the arbiter's signal")
        with pytest.raises(TimeoutError):  # who comes now would be reset; it asks again, and finds the next server
            socket.create_connection(("127.0.0.1", int(place["PORT"])), timeout=0.5)
        for pid in workers:
            os.kill(pid, signal.SIGCONT)

        assert [caller.getresponse().status for caller in callers] == [200] * 50
        assert web.wait(10) == 0
        assert len(kept(place)) == 50


def test_it_ends_at_once_though_it_has_hardly_begun(place):
    for _ in range(3):
        with started("-m", "receiver", "web", env=place) as web:
            until(lambda web=web: len(children_of(web.pid)) == 2, what="its processes")

            web.send_signal(signal.SIGTERM)

            assert web.wait(GRACEFUL_S - 1) == 0  # it would be SIGKILL after GRACEFUL_S


def is_told_to_end(pid):
    """Whether SIGTERM waits for this stopped process."""
    return bool(int(line_of(pid, "ShdPnd"), 16) & 1 << (signal.SIGTERM - 1))


def line_of(pid, name):
    with open(f"/proc/{pid}/status") as file:
        return next(line for line in file if line.startswith(name)).split()[1]


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


def test_a_slow_body_that_has_begun_is_awaited_when_it_ends(place):
    body = json.dumps({"delivery_id": "slow", "event": "call.completed", "data": {}}).encode()
    now = int(time.time())
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nX-InboundFlow-Timestamp: {now}\r\n"
        f"X-InboundFlow-Signature: {sign(SECRET, now, body)}\r\n\r\n"
    )
    with started("-m", "receiver", "web", env=place) as web:
        until(lambda: is_healthy(int(place["PORT"])), what="the server")
        with socket.create_connection(("127.0.0.1", int(place["PORT"])), timeout=15) as sock:
            sock.sendall(head.encode() + body[:10])
            time.sleep(0.5)
            web.send_signal(signal.SIGTERM)
            time.sleep(2)
            sock.sendall(body[10:])
            answer = sock.recv(4096)

        assert answer.startswith(b"HTTP/1.1 200")
        assert web.wait(10) == 0
        assert kept(place) == {"slow"}


def test_a_restart_among_slow_clients_still_answers_in_time(place):
    with started("-m", "receiver", "up", env=place) as up:
        until(lambda: is_healthy(int(place["PORT"])), what="the server")
        slow = [socket.create_connection(("127.0.0.1", int(place["PORT"]))) for _ in range(100)]
        for sock in slow:
            sock.sendall(b"POST /webhooks/inboundflow HTTP/1.1\r\n")
        time.sleep(0.5)

        with sending(place) as senders:
            os.kill(web_of(up), signal.SIGTERM)
            time.sleep(10)

        assert all_of(senders, "refused") == {}
        check_what_was_promised(place, senders)
        for sock in slow:
            sock.close()
