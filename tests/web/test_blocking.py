"""A request blocks nothing in the thread that serves it: that thread is the loop of its whole process.

Whoever adds a call to a route is told here which one blocks. What may block is done by the thread that commits
(`Database.commit`) or by one of receiver/app/apart.py.
"""

import gzip
import io
import socket
import sqlite3
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from receiver import settings
from receiver.app.build import create_app
from tests.web.test_webhooks import PATH, a_body, signed

KINDS = (socket.socket, sqlite3.Connection, sqlite3.Cursor, io.FileIO, io.BufferedReader, io.TextIOWrapper)
MODULES = {"time": {"sleep"}, "_socket": {"getaddrinfo"}, "select": {"select", "poll"}, "_io": {"open"},
           "posix": {"open", "stat", "fsync"}, "fcntl": {"lockf", "flock"}, "_sqlite3": {"connect"},
           "_posixsubprocess": {"fork_exec"}}  # fmt: skip

LARGE = a_body("large", summary="x" * 20_000)
PACKED = gzip.compress(a_body("packed"))
# The answer, the path, the body, and how the headers are made: at the time of the test, as they hold the time.
REQUESTS = {
    "stored": (200, PATH, a_body("new"), lambda: signed(a_body("new"))),
    "duplicate": (200, PATH, a_body("new"), lambda: signed(a_body("new"))),
    "stale": (200, PATH, a_body("new"), lambda: signed(a_body("new"), at=int(time.time()) - 4000)),
    "forged": (401, PATH, a_body("forged"), lambda: signed(b"another")),
    "large": (200, PATH, LARGE, lambda: signed(LARGE)),
    "packed": (200, PATH, PACKED, lambda: signed(PACKED, **{"Content-Encoding": "gzip"})),
    "too large": (413, PATH, bytes(1024 * 1024 + 1), dict),
    "another method": (405, "/webhooks/inboundflow", None, dict),
    "nowhere": (404, "/nowhere", None, dict),
    "healthz": (200, "/healthz", None, dict),
    "readyz": (200, "/readyz", None, dict),
    "a page": (302, "/", None, dict),
    "the form to sign in": (200, "/sign-in", None, dict),
    "a password": (403, "/sign-in", b"password=wrong", dict),
    "metrics": (200, "/metrics", None, dict),
}


@contextmanager
def watched():
    """Notes each call of a C function that blocks, with the line of ours that led to it."""
    found = []

    def note(frame, event, function):
        if event == "c_call" and (name := blocking(function)):
            found.append(f"{name} at {frame.f_code.co_filename}:{frame.f_lineno}")

    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(None)


def blocking(function):
    owner = getattr(function, "__self__", None)
    module = getattr(function, "__module__", None) or getattr(owner, "__name__", "")
    if isinstance(owner, KINDS) or function.__name__ in MODULES.get(module, ()):
        return f"{module or type(owner).__name__}.{function.__name__}"
    return None


@pytest.fixture
def app(app_env):
    return create_app(settings.read(app_env | {"DASHBOARD_PASSWORD": "correct horse battery"}))


def calls_of(app, path, body, headers):
    client = app.test_client()
    with watched() as found:
        answer = client.open(path, method="GET" if body is None else "POST", data=body, headers=headers())
    return answer.status_code, found


@pytest.mark.parametrize("request_of", REQUESTS.values(), ids=REQUESTS)
def test_no_request_blocks_the_thread_that_serves_it(app, request_of):
    calls_of(app, *REQUESTS["stored"][1:])  # what is imported or opened once
    status, *what = request_of

    assert calls_of(app, *what) == (status, [])


def connects():
    with socket.socket() as sock:
        sock.connect_ex(("127.0.0.1", 9))


BLOCKS = {
    "a nap": lambda: time.sleep(0.001),
    "a connection": connects,
    "a request": lambda: urllib.request.urlopen("http://127.0.0.1:9"),
    "a database": lambda: sqlite3.connect(":memory:").execute("SELECT 1"),
    "a file": lambda: Path(__file__).read_text(),
}


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_a_route_that_blocks_is_named(block):
    app = Flask("blocking")
    app.add_url_rule("/", view_func=lambda: block() or "")

    _, found = calls_of(app, "/", None, dict)

    assert found != []
