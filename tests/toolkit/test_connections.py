import contextlib
import socket
import threading

import httpcore
import httpx
import pytest

from receiver.errors import RetryLater
from receiver.registry.handlers import PARALLEL
from receiver.toolkit.connections import ERRORS, httpx_errors
from receiver.toolkit.http import client, send


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
