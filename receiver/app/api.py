"""The API beside the route: which requests are for it, and the tokens that it knows.

Its routes run in the loop, as a stream sleeps most of the time. Whatever reads is done in a thread, of which it has
few: they take the interpreter from the deliveries that are received meanwhile.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from .. import api, operations, store
from ..errors import StoreError
from ..operations import Token
from ..settings import Settings
from ..store import Bell, Database, ThreadBell
from . import pages
from .pages import Environ, StartResponse, Threads, Wsgi

PATH = "/api"
AT_WORK = 2  # reads at once in a process
LOOK_EVERY_S = 2.0
USE_EVERY_S = 60  # so seldom is it written down when a token was last used

Result = TypeVar("Result")


class KnownTokens:
    """The tokens, kept up to date by a native thread, which also writes down when each was last used."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.tokens: Mapping[str, Token] = {}
        self.used: dict[str, int] = {}
        self.noted_at = time.monotonic()

    def start(self) -> None:
        threading.Thread(target=self.keep_looking, daemon=True, name="tokens").start()

    def keep_looking(self) -> None:
        while True:
            self.look()
            time.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """What cannot be read stays as it is; on tables a version older there is none."""
        with contextlib.suppress(StoreError):
            self.tokens = {token.id: token for token in operations.tokens(self.db)}
            if self.used and time.monotonic() - self.noted_at > USE_EVERY_S:
                used, self.used, self.noted_at = self.used, {}, time.monotonic()
                operations.note_token_use(self.db, used)

    def note_use(self, token: Token) -> None:
        self.used[token.id] = self.db.now_us()


class Host:
    """api.Host"""

    def __init__(self, known: KnownTokens, bell: Bell) -> None:
        self.known = known
        self.bell = bell
        self.threads = Threads(bell, AT_WORK)

    @property
    def tokens(self) -> Mapping[str, Token]:
        return self.known.tokens

    def note_use(self, token: Token) -> None:
        self.known.note_use(token)

    def run(self, work: Callable[[], Result]) -> Result:
        try:
            return self.threads.run(work)
        except pages.Busy as error:
            raise api.Busy from error

    def sleep(self, seconds: float) -> None:
        self.bell.lock().acquire(timeout=seconds)  # which nobody releases

    def flush(self, environ: Mapping[str, Any]) -> None:
        """As client.py sends an answer when its request has ended."""
        client = environ.get("gunicorn.socket")
        if client is not None:
            client.flush()

    def is_over(self, environ: Mapping[str, Any]) -> bool:
        client = environ.get("gunicorn.socket")
        return client is not None and (not client.worker.alive or has_left(client.sock))


def has_left(sock: socket.socket) -> bool:
    """Whether the client has closed the connection: else its stream would be noticed at the next heartbeat."""
    sock.settimeout(0)
    try:
        return not sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True


class ApiBeside:
    """`core`, and beside it the API as soon as there is a token."""

    def __init__(self, core: Wsgi, api: Wsgi, known: KnownTokens) -> None:
        self.core = core
        self.api = api
        self.known = known

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        wsgi = self.api if self.known.tokens and is_for_api(environ) else self.core
        return wsgi(environ, start_response)


def is_for_api(environ: Mapping[str, Any]) -> bool:
    """What InboundFlow sends is the core's, wherever it is sent."""
    return pages.is_below(environ, PATH) and not pages.is_inboundflows(environ)


def with_api(core: Wsgi, settings: Settings, db: Database, bell: Bell | None) -> Wsgi:
    known = KnownTokens(db)
    known.start()
    app = api.create_api(store.reads_apart(settings, db), Host(known, bell or ThreadBell()))
    return ApiBeside(core, app, known)
