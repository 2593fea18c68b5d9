"""gunicorn, set up once, with a reason beside each number.

It is started from a subclass of its application, which reads neither GUNICORN_CMD_ARGS nor a gunicorn.conf.py:
some platforms preset the first, with --preload among others, and that opens databases before the fork.

How many slow clients it takes: a connection holds no thread before its first byte has come (it waits in the
poller); from then on headers and body have READ_S seconds together, also while it queues for a thread. So THREADS
clients at one process that send their first bytes and then dawdle fill its threads, and however many more there
are, all of them are cut off after READ_S seconds; a genuine delivery that comes meanwhile waits at most that long,
then is answered at once, still inside the sender's 10 s. A proxy that buffers requests (Caddy, nginx, Heroku's and
Render's routers) lets no such client through.
"""

from __future__ import annotations

import errno
import logging
import selectors
import socket
import time
from functools import partial
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import TConn, ThreadWorker

from ..settings import Settings, check_for_web
from ..web import READ_S
from .build import create_app, open_inbox

PROCESSES = 2  # one commits while the other parses; more only take turns at the same disk, and cost 35 MB each
THREADS = 32  # each waits for the disk most of its time: the more that wait, the more share one fsync
BACKLOG = 1024  # connections that queue during a restart, or behind slow clients
KEEPALIVE_S = 100  # longer than the 60 to 90 s that proxies keep an idle connection, so that they close it first
GRACEFUL_S = 9  # a request ends within 8 s
CONNECTIONS = 1000  # open at once in each process; idle ones cost a file descriptor
HUNG_S = 30  # a process whose main loop is silent for so long is replaced; requests are bounded otherwise
HEADER_BYTES = 8190

OPTIONS = {
    "worker_class": "receiver.app.server.DeadlineWorker",
    "workers": PROCESSES,  # stated, as the default would be the platform's WEB_CONCURRENCY
    "threads": THREADS,
    "backlog": BACKLOG,
    "keepalive": KEEPALIVE_S,
    "graceful_timeout": GRACEFUL_S,
    "worker_connections": CONNECTIONS,
    "timeout": HUNG_S,
    "limit_request_field_size": HEADER_BYTES,
    "preload_app": False,  # each process opens the database after the fork
    "accesslog": None,  # a line for each delivery would cost more than the delivery
    "errorlog": "-",
    "loglevel": "warning",
    "control_socket_disable": True,
    "worker_tmp_dir": None,
    "http_parser": "auto",  # the C parser of gunicorn-h1c where that is installed
}


def serve(settings: Settings, listen_fd: int | None = None) -> None:
    """Serve until SIGTERM, on an inherited listening socket or on HOST and PORT. Raises ConfigurationError."""
    check_for_web(settings)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    open_inbox(settings).close()  # so that what is wrong with it is said once, before any process is forked
    bind = f"fd://{listen_fd}" if listen_fd is not None else f"{settings.host}:{settings.port}"
    Server(settings, bind).run()


class Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings, bind: str) -> None:
        self.settings = settings
        self.bind = bind
        super().__init__()

    def load_config(self) -> None:
        for name, value in (OPTIONS | {"bind": self.bind}).items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        logging.getLogger("receiver").setLevel(logging.INFO)
        return create_app(self.settings)


class DeadlineSocket:
    """A client's socket whose reads end at a deadline. gunicorn bounds neither a slow header nor a slow body."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.began = time.monotonic()

    def restart(self) -> None:
        """A new request: its first bytes are there."""
        self.began = time.monotonic()

    def recv(self, size: int) -> bytes:
        left_s = self.began + READ_S - time.monotonic()
        try:
            self.sock.settimeout(max(left_s, 0.001))
            return self.sock.recv(size)
        except TimeoutError as error:
            raise TimeoutError(errno.ECONNRESET, "the client was too slow") from error  # gunicorn drops it quietly

    def sendall(self, data: bytes) -> None:
        self.sock.settimeout(READ_S)  # an answer is small: who does not take it by then is gone
        self.sock.sendall(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)


class DeadlineWorker(ThreadWorker):  # type: ignore[misc]
    """gthread, with the two bounds it lacks: no thread before the first byte, and a deadline from there on."""

    def enqueue_req(self, conn: TConn) -> None:
        if not isinstance(conn.sock, DeadlineSocket):
            conn.sock = DeadlineSocket(conn.sock)
            self.wait_in_poller(conn)
        else:
            conn.sock.restart()  # now, not when a thread is free: who dawdles while it queues is cut off at once
            super().enqueue_req(conn)

    def wait_in_poller(self, conn: TConn) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + READ_S
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))
