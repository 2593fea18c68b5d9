import contextlib
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler

import httpcore
import httpx
import pytest
from httpcore._backends.sync import SyncStream

from receiver.errors import RetryLater
from receiver.registry.handlers import PARALLEL
from receiver.toolkit.connections import ERRORS, Pool, httpx_errors
from receiver.toolkit.http import client, send
from tests.support.http import Server


def errors(module, root):
    """The leaves of a library's errors below `root`."""
    kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, root)]
    return sorted((kind for kind in kinds if len([k for k in kinds if issubclass(k, kind)]) == 1), key=str)


ROOTS = [httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError]


@pytest.mark.parametrize("kind", [kind for root in ROOTS for kind in errors(httpcore, root)])
def test_an_error_of_httpcores_arrives_as_the_one_of_that_name_at_httpx(kind):
    with pytest.raises(httpx.TransportError) as raised, httpx_errors():
        raise kind("text")

    assert (type(raised.value).__name__, str(raised.value)) == (kind.__name__, "text")
    assert isinstance(raised.value.__cause__, kind)


def test_an_error_is_looked_up_by_its_most_special_kind():
    kinds = list(ERRORS)

    assert [k for n, k in enumerate(kinds) if any(issubclass(later, k) for later in kinds[n + 1 :])] == []


def test_targets_that_hang_take_no_connection_from_another():
    hung, other = (socket.create_server(("127.0.0.1", 0), backlog=256) for _ in range(2))
    urls = [f"http://127.0.0.1:{each.getsockname()[1]}/" for each in (hung, other)]
    allowed = frozenset(url.removeprefix("http://").strip("/") for url in urls)

    def post():
        begin_together.wait()
        with contextlib.suppress(RetryLater):
            send("POST", urls[0], allowed=allowed)

    def answer():
        connection, _ = other.accept()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    begin_together = threading.Barrier(8 * PARALLEL + 1)
    hung.settimeout(5)  # less than a request waits for its answer
    threads = [threading.Thread(target=post) for _ in range(8 * PARALLEL)]
    for thread in [*threads, threading.Thread(target=answer, daemon=True)]:
        thread.start()
    begin_together.wait()
    connections = [hung.accept()[0] for _ in threads]

    assert send("POST", urls[1], allowed=allowed).status_code == 204
    for connection in [*connections, hung, other]:
        connection.close()
    for thread in threads:
        thread.join()


def test_requests_that_begin_together_share_one_client():
    """Each client has connections of its own, and reads all certificates."""
    allowed, clients, begin_together = frozenset(["192.0.2.1:80"]), [], threading.Barrier(PARALLEL)

    def make():
        begin_together.wait()
        clients.append(client(allowed))

    threads = [threading.Thread(target=make) for _ in range(PARALLEL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({id(each) for each in clients}) == 1


class Served:
    """What a server saw, and when it may answer /held."""

    def __init__(self):
        self.paths, self.came, self.may_answer = [], threading.Event(), threading.Event()
        served = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                served.paths.append(self.path)
                if self.path == "/held":
                    served.came.set()
                    served.may_answer.wait(10)
                self.send_response_only(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.server = Server(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def served():
    served = Served()
    yield served
    served.server.shutdown()
    served.server.server_close()


@pytest.mark.parametrize("limits", [{"keepalive_expiry": 0.05}, {"max_keepalive_connections": 1}])
def test_a_connection_that_a_thread_was_given_is_closed_by_no_other(served, monkeypatch, limits):
    """The one is about to send on a connection while the other takes it for an idle one that is too old, or too many."""
    begin = threading.Event()
    handle, close = httpcore.HTTPConnection.handle_request, httpcore.ConnectionPool._close_connections

    def begun_late(connection, request):
        if request.url.target == b"/held":
            given.set()
            begin.wait(10)
        return handle(connection, request)

    def closed_late(pool, closing):
        if closing:
            begin.set()
            served.came.wait(10)
        close(pool, closing)
        if closing:
            closed.set()

    def read_late(stream, *asked, **limits):
        """What is closed below a thread that waits already goes on."""
        if begin.is_set():
            closed.wait(1)
        return read(stream, *asked, **limits)

    given, closed, read = threading.Event(), threading.Event(), SyncStream.read
    monkeypatch.setattr(SyncStream, "read", read_late)
    monkeypatch.setattr(httpcore.HTTPConnection, "handle_request", begun_late)
    monkeypatch.setattr(httpcore.ConnectionPool, "_close_connections", closed_late)
    with Pool(**limits) as pool, ThreadPoolExecutor(1) as threads:
        pool.request("GET", f"{served.url}/first")
        held = threads.submit(pool.request, "GET", f"{served.url}/held")
        assert given.wait(10)
        time.sleep(0.1)
        pool.request("GET", f"{served.url.replace('127.0.0.1', 'localhost')}/other")
        begin.set()
        served.may_answer.set()
        assert held.result(10).status == 200

    assert served.paths.count("/held") == 1


def test_more_than_so_many_idle_connections_are_not_kept_and_busy_ones_do_not_count(served):
    with Pool(max_connections=4, max_keepalive_connections=2) as pool, ThreadPoolExecutor(4) as threads:
        held = [threads.submit(pool.request, "GET", f"{served.url}/held") for _ in range(3)]
        assert served.came.wait(10)
        for _ in range(5):
            pool.request("GET", f"{served.url}/quick")
        assert len(pool.connections) == 4  # three are busy, and one is kept
        served.may_answer.set()
        assert [each.result(10).status for each in held] == [200] * 3
        pool.request("GET", f"{served.url}/quick")
        assert len(pool.connections) == 2
