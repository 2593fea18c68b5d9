"""How long, and for how much, the web process listens to a client: gunicorn's threads, with the bounds they lack."""

from __future__ import annotations

import contextlib
import errno
import selectors
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

from ..web import READ_S
from .door import is_narrow, plug

HEAD_BYTES = 64 * 1024  # a delivery's headers are 2 KiB behind the chattiest proxies
LINGER_BYTES = 64 * 1024  # read on after the last answer, so that a reset does not overtake it
LAST_CALL_S = 1.0  # when the process ends: what comes on an idle connection until then is still answered
LOOK_EVERY_S = 0.1
HANDSHAKE_S = 0.3  # when the process ends: whoever has begun to connect has done so by then
ARBITER_S = 3.0  # Ctrl-C reaches everybody: the arbiter may hear of it that much later, on a busy machine
ENDS = (signal.SIGTERM, signal.SIGINT)


class BoundedSocket:
    """A client's socket whose reads end at a deadline, and after so many bytes. gunicorn bounds neither."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.restart()

    def restart(self) -> None:
        """A new request: its first bytes are there."""
        self.began = time.monotonic()
        self.allowed_bytes = HEAD_BYTES  # web/body.py allows more, piece by piece
        self.spent = False  # whether a body broke off: what follows it is no request

    def recv(self, size: int) -> bytes:
        if self.allowed_bytes <= 0:
            raise ConnectionResetError(errno.ECONNRESET, "the client sent too much")  # gunicorn drops it quietly
        with self.deadline(self.began + READ_S - time.monotonic()):
            data = self.sock.recv(size)
        self.allowed_bytes -= len(data)
        return data

    def sendall(self, data: bytes) -> None:
        with self.deadline(READ_S):  # an answer is small: who does not take it by then is gone
            self.sock.sendall(data)

    @contextlib.contextmanager
    def deadline(self, seconds: float) -> Any:
        self.sock.settimeout(max(seconds, 0.001))
        try:
            yield
        except TimeoutError as error:
            raise TimeoutError(errno.ECONNRESET, "the client was too slow") from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """gthread: no thread before a request's first byte, none to take leave of a client, and a gentle end."""

    def init_signals(self) -> None:
        super().init_signals()
        signal.signal(signal.SIGINT, self.handle_exit)  # Ctrl-C in a terminal reaches this process too
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)

    def enqueue_req(self, conn: TConn) -> None:
        if not isinstance(conn.sock, BoundedSocket):
            conn.sock = BoundedSocket(conn.sock)
            self.wait_in_poller(conn, self.on_pending_socket_readable)
        else:
            conn.sock.restart()  # now, not when a thread is free: who dawdles while it queues is cut off at once
            super().enqueue_req(conn)

    def wait_in_poller(self, conn: TConn, callback: Callable[[TConn, Any], None]) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + (READ_S if self.alive else LAST_CALL_S)
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(callback, conn))

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """Whether another request may follow. It is answered by now: nothing in here may become a second answer."""
        with contextlib.suppress(ParseException, OSError):
            return bool(super()._keepalive_after(conn, keepalive)) and not conn.sock.spent
        return False

    def finish_request(self, conn: TConn, fs: Future[bool]) -> None:
        if not fs.result():
            self.linger(conn)
        elif conn.parser.unreader.buf.tell():  # pipelined: it is here already, the poller would wait for it
            self.enqueue_req(conn)
        elif self.alive:
            super().finish_request(conn, fs)
        else:
            self.wait_in_poller(conn, self.on_pending_socket_readable)

    def linger(self, conn: TConn) -> None:
        """Say that it is over, and wait for the client's end in the poller. gunicorn waits in its main loop."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.allowed_bytes = LINGER_BYTES
            self.wait_in_poller(conn, self.drain)
        except (OSError, ValueError):  # it is gone
            self.nr_conns -= 1
            conn.close()

    def drain(self, conn: TConn, client: BoundedSocket) -> None:
        try:
            conn.sock.allowed_bytes -= len(client.sock.recv(LINGER_BYTES)) or LINGER_BYTES
        except OSError:
            conn.sock.allowed_bytes = 0
        if conn.sock.allowed_bytes <= 0:
            self.poller.unregister(client)
            self.pending_conns.remove(conn)
            self.nr_conns -= 1
            conn.close()

    def murder_keepalived(self) -> None:
        """Where all connections are taken, the one that has idled longest makes room too."""
        if self.keepalived_conns and self.nr_conns >= self.worker_connections:
            self.keepalived_conns[0].timeout = 0
        super().murder_keepalived()

    def set_accept_enabled(self, enabled: bool) -> None:
        if not self.alive and self.sockets:
            self.serve_on()
        super().set_accept_enabled(enabled and self.alive)
        if not self.alive:
            self.last_call()

    def serve_on(self) -> None:
        """Until the arbiter has narrowed the socket, as it would reset who comes in between, and a moment longer."""
        until = time.monotonic() + ARBITER_S
        while self.app.narrows and not self.is_narrow() and time.monotonic() < until:
            self.wait_for_and_dispatch_events(LOOK_EVERY_S)
        until = time.monotonic() + HANDSHAKE_S
        while time.monotonic() < until:
            self.wait_for_and_dispatch_events(LOOK_EVERY_S)

    def is_narrow(self) -> bool:
        return all(is_narrow(listener.sock) for listener in self.sockets)

    def last_call(self) -> None:
        """Take whoever has connected, then close the door; who idles has a moment left."""
        while self.sockets:  # whichever comes first, this or a signal while it starts
            listener = self.sockets.pop()
            self.take_all(listener)
            until = time.monotonic() + HANDSHAKE_S
            while is_narrow(listener.sock) and not plug(listener.sock) and time.monotonic() < until:
                self.take_all(listener)
            listener.close()
        until = time.monotonic() + LAST_CALL_S
        for conn in (*self.keepalived_conns, *self.pending_conns):
            conn.timeout = min(conn.timeout, until)

    def take_all(self, listener: Any) -> None:
        before = -1
        while before < self.nr_conns < self.worker_connections:
            before = self.nr_conns
            self.accept(listener)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Look often at the end, as gunicorn would sleep until the last connection's last moment."""
        super().wait_for_and_dispatch_events(timeout if self.alive else min(timeout, LOOK_EVERY_S))
