"""The stream, at a web process that runs: what is stored comes at once, and a client that comes again misses nothing."""

import json
import signal
import socket
import time
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest

from receiver import settings, store
from receiver.operations import add_token, remove_token, tokens
from tests.operations.test_feed import keep
from tests.support.processes import free_port, get, started, until
from tests.support.web import SECRET, SERVE, a_body, a_request, serving, talk

# Without heartbeats a stream whose client has gone is not noticed by writing to it.
QUIET = SERVE.replace("import os;", "import os; from receiver.api import stream; stream.HEARTBEAT_S = 600;")


class Site:
    def __init__(self, port, db, token):
        self.port = port
        self.db = db
        self.url = f"http://127.0.0.1:{port}/api"
        self.headers = {"Authorization": f"Bearer {token}"}

    def answers(self):
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/deliveries", headers=self.headers).status_code == 200

    @contextmanager
    def stream(self, *, last="", **query):
        headers = self.headers | ({"Last-Event-ID": last} if last else {})
        with httpx.stream("GET", f"{self.url}/stream", headers=headers, params=query, timeout=20) as answer:
            assert answer.status_code == 200, answer.read()
            yield Events(answer)


class Events:
    """As an EventSource reads them."""

    def __init__(self, answer):
        self.answer = answer
        self.lines = answer.iter_lines()
        self.last = ""

    def block(self):
        """The next block of lines, as a dict; None at the end."""
        fields = {}
        for line in self.lines:
            if not line:
                return fields
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
            self.last = fields.get("id", self.last)
        return None

    def next(self):
        """The next delivery."""
        while (block := self.block()) is not None:
            if block.get("event") == "delivery":
                return json.loads(block["data"])
        return None


@pytest.fixture
def site(env):
    env = env | {"INBOUNDFLOW_SIGNING_SECRET": SECRET}
    db = store.connect(settings.read(env))
    store.migrate(db)
    token = add_token(db, "ours")
    with serving(QUIET, env) as port:
        site = Site(port, db, token)
        until(site.answers, what="the API")
        yield site
    db.close()


def test_a_delivery_comes_when_it_is_stored_and_one_who_comes_again_misses_none(site):
    keep(site.db, "before", source="")
    with site.stream() as events:
        assert events.answer.headers["Content-Type"] == "text/event-stream"
        assert events.answer.headers["Cache-Control"] == "no-store"
        assert events.block() == {"retry": "1000", "id": events.last}
        sent = talk(site.port, a_request(body := a_body("a")) + body)
        assert b"stored" in sent
        assert (events.next()["id"], events.last) == ("a", "cYQ")

    keep(site.db, "b", "c", source="")
    keep(site.db, "theirs", source="bolt")
    keep(site.db, "d", source="", body=b'{\r\n"lines": "a\\nb"\n}')
    with site.stream(last=events.last) as again:
        assert [again.next() for _ in range(3)][2]["body"] == {"lines": "a\nb"}
    with site.stream(after="c") as whole:
        assert [whole.next()["id"] for _ in range(5)] == ["before", "a", "b", "c", "d"]
    with site.stream(after="c", last="cYQ") as after_a:
        assert after_a.next()["id"] == "b"


def test_one_who_came_before_the_first_delivery_and_comes_again_has_it(site):
    with site.stream() as events:
        events.block()
    keep(site.db, "first", source="")
    with site.stream(last=events.last) as again:
        assert again.next()["id"] == "first"


sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@sqlite_only
def test_a_filter_moves_on_over_what_it_leaves_out(site):
    with site.stream(event="lead.created") as events:
        events.block()
        keep(site.db, "left-out", source="")
        assert events.block().keys() == {"id"}  # no event, and a place to go on from
        keep(site.db, "lead", source="", event="lead.created")
        assert events.next()["id"] == "lead"


@sqlite_only
def test_a_stream_ends_with_its_token(site):
    with site.stream() as events:
        remove_token(site.db, tokens(site.db)[0].id)
        assert events.next() is None


@sqlite_only
def test_streams_are_bounded_and_hold_up_no_delivery(site):
    with ExitStack() as streams:
        taken = []
        until(lambda: taken.append(opened(site, streams)) or taken.count(200) == 8, within_s=90, what="eight")
        assert {opened(site, streams) for _ in range(10)} == {429}  # four in each of two processes
        for n in range(20):
            body = a_body(f"d{n}")
            assert b"stored" in talk(site.port, a_request(body) + body)
        assert get(site.port, "/healthz")[0] == 200
        time.sleep(3)  # what was stored is sent: from now on nothing is written to any of them
    with ExitStack() as streams:
        until(lambda: opened(site, streams) == 200, what="room, as those have gone")


def opened(site, streams):
    time.sleep(0.1)  # within the rate
    stream = httpx.stream("GET", f"{site.url}/stream", headers=site.headers | {"Connection": "close"}, timeout=20)
    return streams.enter_context(stream).status_code


@sqlite_only
def test_one_who_does_not_read_is_cut_off_and_others_are_served(site):
    keep(site.db, *(f"d{n}" for n in range(60)), source="", body=b'"' + b"x" * 500_000 + b'"')
    head = f"GET /api/stream?after=c HTTP/1.1\r\nHost: x\r\nAuthorization: {site.headers['Authorization']}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site.port)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)  # far less than is sent
        deaf.sendall(head.encode())
        with site.stream(after="c") as events:
            assert [events.next()["id"] for _ in range(60)] == [f"d{n}" for n in range(60)]
        deaf.settimeout(20)
        time.sleep(7)  # longer than a client may take for what it is sent
        total = 0
        while data := received(deaf):
            total += len(data)
    assert total < 20_000_000


def received(sock):
    try:
        return sock.recv(1 << 20)
    except ConnectionResetError:
        return b""


def test_streams_end_with_the_process_and_go_on_with_the_next(app_env):
    port = free_port()
    env = app_env | {"PORT": str(port)}
    db = store.connect(settings.read(env))
    store.migrate(db)
    site = Site(port, db, add_token(db, "ours"))
    with started("-c", SERVE, env=env) as web:
        until(site.answers, what="the API")
        with site.stream() as events:
            events.block()
            web.send_signal(signal.SIGTERM)
            assert events.next() is None  # a stream that was cut off would raise
            assert web.wait(20) == 0
    keep(db, "meanwhile", source="")
    with started("-c", SERVE, env=env):
        until(site.answers, what="the API")
        with site.stream(last=events.last) as again:
            assert again.next()["id"] == "meanwhile"
    db.close()
