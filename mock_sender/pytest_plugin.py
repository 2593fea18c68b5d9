"""Fixtures for the tests of a receiver: an InboundFlow that sends to it, and a call to send.

Installed with inboundflow-mock-sender, they are there without an import. A test of a Flask, Django or FastAPI app, or
any other WSGI or ASGI app:

    def test_a_call_is_taken(mock_inboundflow, simulated_call, serve_app):
        mock_inboundflow.connect(serve_app(app) + "/webhook", secret="whsec_test")
        for payload in simulated_call:
            [delivery] = mock_inboundflow.report(payload)
            assert delivery.acknowledged, delivery.answer
"""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from inspect import iscoroutinefunction
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from .clock import VirtualClock
from .inboundflow import InboundFlow
from .payloads import Payload, call


@pytest.fixture
def mock_inboundflow() -> Iterator[InboundFlow]:
    """InboundFlow, with no connection yet. It sends over real HTTP and forgets all at the end of the test."""
    flow = InboundFlow()
    yield flow
    flow.book.close()


@pytest.fixture
def mock_inboundflow_in_no_time() -> Iterator[InboundFlow]:
    """The same by a clock that only sleeping moves: `work()` makes a day of retries at once.

    Its day is 1 January 2026, so a receiver that looks at the timestamp refuses what it sends.
    """
    flow = InboundFlow(clock=VirtualClock())
    yield flow
    flow.book.close()


@pytest.fixture
def simulated_call(request: pytest.FixtureRequest) -> list[Payload]:
    """The four events of one call, in the order in which they happen: in one test always the same call."""
    return call(random.Random(request.node.nodeid))


@pytest.fixture
def serve_app() -> Iterator[Callable[[Any], str]]:
    """Serves a WSGI or ASGI app on loopback until the end of the test; called with the app, it gives the address.

    An ASGI app, such as FastAPI's, needs uvicorn installed, which runs it with its lifespan.
    """
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(served_async(app) if is_asgi(app) else served(app))


def is_asgi(app: Any) -> bool:
    """Whether it is called with a scope: a coroutine, or an object whose call is one."""
    return iscoroutinefunction(app) or iscoroutinefunction(getattr(app, "__call__", None))  # noqa: B004 - its kind


@contextmanager
def served_async(app: Any) -> Iterator[str]:
    try:
        uvicorn = import_module("uvicorn")
    except ImportError as error:
        raise RuntimeError("An ASGI app is served by uvicorn: pip install uvicorn") from error
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@contextmanager
def served(app: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, server_class=Threaded, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128  # with the usual 5, some of many deliveries at once would get no answer on a busy machine


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass
