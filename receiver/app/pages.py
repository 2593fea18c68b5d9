"""The dashboard beside the route: which requests are for it, and how they are served without a wait of the loop.

A page reads from the database and computes for milliseconds, so it is made in a native thread, of which a process has
`AT_WORK`: a page too many waits for `WAIT_S`, and is then told to come again. The loop reads the form and writes the
answer, as it does for a delivery.
"""

from __future__ import annotations

import io
import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Request

from .. import operations, store
from ..errors import NotAccepted
from ..settings import Settings
from ..store import Bell, Database, Outcome, ThreadBell
from ..web import headers_of, read_body

AT_WORK = 6  # pages at once in a process; checking one password takes 32 MB, and is done one at a time
WAIT_S = 1
PAGE_S = 8  # then it is given up, and its thread may still be busy
FORM_BYTES = 64 * 1024  # a note has a few hundred
CORE = ("/webhooks", "/healthz", "/readyz", "/metrics")

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]
Result = TypeVar("Result")


class Busy(Exception):
    """All places are taken, or the page takes too long."""


class Errand(Outcome):
    __slots__ = ("turn", "work")

    def __init__(self, work: Callable[[], Any], done: Any) -> None:
        super().__init__(done)
        self.work = work
        self.turn = threading.Lock()  # whoever has it decides: begin, or leave


class Threads:
    """Native threads that do errands, started as they are needed."""

    def __init__(self, bell: Bell, size: int = AT_WORK) -> None:
        self.bell = bell
        self.size = size
        self.started = 0
        self.idle = 0  # that have been started, and have no errand
        self.unbegun = 0  # errands that no thread has taken
        self.mutex = threading.Lock()
        self.errands: queue.SimpleQueue[Errand] = queue.SimpleQueue()

    def run(self, work: Callable[[], Result], *, wait_s: float = WAIT_S, limit_s: float = PAGE_S) -> Result:
        """The result of `work`, or what it raised. Raises Busy where it is not begun or done in time."""
        errand = Errand(work, self.bell.lock())
        self.give(errand)
        is_done = errand.done.acquire(timeout=wait_s)
        if not is_done and errand.turn.acquire(blocking=False):  # nobody has begun it, and nobody will
            raise Busy
        if not is_done and not errand.done.acquire(timeout=limit_s - wait_s):
            raise Busy
        return errand.take()  # type: ignore[no-any-return]

    def give(self, errand: Errand) -> None:
        """To a thread that has none, or to a new one."""
        with self.mutex:
            self.unbegun += 1
            self.errands.put(errand)
            if self.unbegun <= self.idle or self.started == self.size:
                return
            self.started += 1
            self.idle += 1
        threading.Thread(target=self.keep_working, daemon=True, name="page").start()

    def keep_working(self) -> None:
        while True:
            self.do_next()

    def do_next(self) -> None:
        errand = self.errands.get()
        with self.mutex:
            self.idle -= 1
            self.unbegun -= 1
        if errand.turn.acquire(blocking=False):
            self.do(errand)
        with self.mutex:
            self.idle += 1

    def do(self, errand: Errand) -> None:
        try:
            errand.result = errand.work()
        except BaseException as error:
            errand.error = error
        self.bell.ring([errand.done])


@dataclass(frozen=True)
class Answer:
    status: str
    headers: list[tuple[str, str]]
    body: bytes

    def send(self, start_response: StartResponse) -> Iterable[bytes]:
        start_response(self.status, self.headers)
        return [self.body]


@dataclass(frozen=True)
class PagesApart:
    """`core`, and beside it the dashboard, whose every request is served in one of `threads`."""

    core: Wsgi
    dashboard: Wsgi
    busy: Answer
    threads: Threads

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if is_for_core(environ):
            return self.core(environ, start_response)
        try:
            body = form_of(environ)
            answer = self.threads.run(lambda: called(self.dashboard, for_thread(environ, body)))
        except Busy:
            answer = self.busy
        except NotAccepted as error:
            text = f"{error.answer()['detail']}\n".encode()
            headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))]
            answer = Answer(f"{error.http_status} Refused", headers, text)
        return answer.send(start_response)


def is_for_core(environ: Mapping[str, Any]) -> bool:
    """What InboundFlow sends is the core's, wherever it is sent: each refusal is counted there."""
    return is_below(environ, *CORE) or is_inboundflows(environ)


def is_below(environ: Mapping[str, Any], *paths: str) -> bool:
    asked = environ.get("PATH_INFO", "")
    return any(asked == path or asked.startswith(f"{path}/") for path in paths)


def is_inboundflows(environ: Mapping[str, Any]) -> bool:
    """Whether it carries InboundFlow's mark."""
    return environ.get("REQUEST_METHOD") == "POST" and operations.is_inboundflows(headers_of(environ).get)


def form_of(environ: Environ) -> bytes:
    """Raises NotAccepted."""
    if environ.get("REQUEST_METHOD") in ("GET", "HEAD"):
        return b""
    return read_body(Request(environ), FORM_BYTES)


def for_thread(environ: Mapping[str, Any], body: bytes) -> Environ:
    """Without the client's socket, which belongs to the loop."""
    kept = {name: value for name, value in environ.items() if not name.startswith("gunicorn.")}
    kept.pop("HTTP_TRANSFER_ENCODING", None)
    return kept | {
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": False,
        "wsgi.multithread": True,
        "CONTENT_LENGTH": str(len(body)),
    }


def called(app: Wsgi, environ: Environ) -> Answer:
    """What an application answers, as a whole."""
    head: tuple[str, list[tuple[str, str]]] = ("500 Internal Server Error", [])

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        nonlocal head
        head = (status, headers)

    blocks = app(environ, start)
    try:
        body = b"".join(blocks)
    finally:
        close = getattr(blocks, "close", None)
        if close is not None:
            close()
    return Answer(*head, body)


def with_dashboard(core: Wsgi, settings: Settings, db: Database, bell: Bell | None) -> Wsgi:
    """`core` with the dashboard beside it. Nothing of the dashboard is loaded where it is off."""
    from ..dashboard import busy_page, create_dashboard

    dashboard = create_dashboard(settings, store.reads_apart(settings, db))
    body = busy_page().encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Retry-After", "2"),
    ]
    busy = Answer("503 Service Unavailable", headers, body)
    return PagesApart(core, dashboard, busy, Threads(bell or ThreadBell()))
