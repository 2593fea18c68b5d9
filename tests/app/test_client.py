"""A client's socket, at a loop, without a server around it."""

import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import gevent
import gevent.socket
import pytest
from flask import Request
from gevent.lock import Semaphore
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http import get_parser

from receiver import settings
from receiver.app import client as clients
from receiver.app.build import create_app
from receiver.app.client import LARGE_BYTES, BoundedSocket
from receiver.app.loop import LoopBell
from receiver.app.patience import LARGE_AT_ONCE, PatientWorker
from receiver.errors import BodyIncomplete
from receiver.web import read_body
from receiver.web.body import REQUEST_S
from tests.support.web import a_body, a_request, chunk

pytestmark = pytest.mark.timed


PEER = ("127.0.0.1", 2)
LISTENER = SimpleNamespace(getsockname=lambda: ("127.0.0.1", 1))


class Worker(PatientWorker):
    """What clients share, and how often somebody stepped aside."""

    def __init__(self):
        self.alive, self.cfg, self.nr, self.max_requests = True, Config(), 0, 1000
        self.log = Logger(self.cfg)
        self.idle, self.large, self.aside = {}, Semaphore(LARGE_AT_ONCE), Semaphore(1)
        self.turns = 0

    def step_aside(self):
        self.turns += 1
        super().step_aside()


@pytest.fixture
def worker():
    return Worker()


def connected(worker, kind=socket.SOCK_STREAM):
    ours, theirs = gevent.socket.socketpair(socket.AF_UNIX, kind)
    return BoundedSocket(ours, worker), theirs


def request_at(client, theirs, head, body):
    """What gunicorn makes of these bytes, as the routes get it."""
    gevent.spawn(theirs.sendall, head + body)
    req = next(get_parser(client.worker.cfg, client, PEER))
    environ = {name.replace("-", "_"): value for name, value in req.headers}
    length = {"CONTENT_LENGTH": environ["CONTENT_LENGTH"]} if "CONTENT_LENGTH" in environ else {}
    return Request({"wsgi.input": req.body, "gunicorn.socket": client, "REQUEST_METHOD": "POST", **length})


CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_chunks_of_a_byte_are_given_up_early_and_take_turns_before(worker):
    client, theirs = connected(worker)
    request = request_at(client, theirs, CHUNKED, chunk(b"x") * 20_000)

    with pytest.raises(BodyIncomplete):
        read_body(request, 1024 * 1024)

    assert client.received < 16 * 1024
    assert worker.turns > client.received / 8 / 1024


def test_a_body_in_ordinary_chunks_is_read_whole(worker):
    client, theirs = connected(worker)
    request = request_at(client, theirs, CHUNKED, chunk(b"x" * 500) * 200 + b"0\r\n\r\n")

    assert read_body(request, 1024 * 1024) == b"x" * 100_000


def test_a_small_body_that_came_with_its_head_steps_aside_for_nobody(worker):
    client, theirs = connected(worker)
    request = request_at(client, theirs, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n", bytes(2000))

    assert (read_body(request, 1024 * 1024), worker.turns) == (bytes(2000), 0)


def test_sixteen_large_bodies_are_in_memory_and_the_next_takes_a_place_that_is_left(worker):
    pairs = [connected(worker) for _ in range(17)]
    readers = {gevent.spawn(read_large, client): client for client, _ in pairs}
    for _, theirs in pairs:
        gevent.spawn(theirs.sendall, bytes(2 * LARGE_BYTES))

    done = gevent.wait(readers, count=16, timeout=5)
    (waiting,) = set(readers) - set(done)
    gevent.sleep(0.05)
    assert not waiting.ready()
    readers[done[0]].restart()  # its request has been answered

    assert waiting.get(timeout=5) >= 2 * LARGE_BYTES
    assert worker.large.counter == 0
    readers[waiting].close()
    assert worker.large.counter == 1


def read_large(client):
    client.allowed_bytes = 4 * LARGE_BYTES
    while client.received < 2 * LARGE_BYTES:
        client.recv(8192)
    return client.received


def test_who_gets_no_place_in_time_is_cut_off_and_gives_none_back(worker):
    worker.large = Semaphore(0)
    client, theirs = connected(worker)
    client.first = time.monotonic() - clients.READ_S + 0.1
    gevent.spawn(theirs.sendall, bytes(2 * LARGE_BYTES))

    with pytest.raises(TimeoutError, match="too many large bodies"):
        read_large(client)

    client.leave_place()
    assert worker.large.counter == 0


def test_a_commit_that_hangs_is_answered_503_in_time_and_others_meanwhile(worker, app_env):
    worker.wsgi = create_app(settings.read(app_env), LoopBell())
    with closing(sqlite3.connect(Path(app_env["DATA_DIR"]) / "inbox.db")) as stranger:
        stranger.execute("BEGIN EXCLUSIVE")
        hung, other = connected(worker), connected(worker)
        hung[0].first = time.monotonic() - REQUEST_S + 1  # so much of its time is left
        began = time.monotonic()

        gevent.spawn(worker.handle, LISTENER, hung[0], PEER)
        hung[1].sendall(a_request(a_body("d-1")) + a_body("d-1"))
        gevent.sleep(0.2)
        gevent.spawn(worker.handle, LISTENER, other[0], PEER)
        other[1].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")

        assert other[1].recv(100).startswith(b"HTTP/1.1 200")
        assert time.monotonic() - began < 1
        assert hung[1].recv(100).startswith(b"HTTP/1.1 503")
        assert time.monotonic() - began < 2


def test_a_client_that_always_has_more_to_say_lets_the_others_have_their_turn(worker):
    served, others = [], []
    worker.wsgi = lambda environ, start_response: served.append(start_response("200 OK", [])) or [b""]
    client, theirs = connected(worker)
    theirs.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
    theirs.shutdown(socket.SHUT_WR)
    gevent.spawn(lambda: others.append(len(served)))

    worker.handle(LISTENER, client, PEER)

    assert (len(served), others) == (3, [1])


def test_an_answers_headers_and_body_are_sent_together(worker):
    client, theirs = connected(worker, socket.SOCK_SEQPACKET)  # keeps pieces apart

    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    client.sendall(b"{}")
    client.flush()

    assert theirs.recv(100) == b"HTTP/1.1 200 OK\r\n\r\n{}"
