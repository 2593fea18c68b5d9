"""gunicorn's gevent worker: nothing is patched, each client is bounded, and the end is gentle."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
from types import SimpleNamespace
from typing import Any

import gevent
import gevent.socket
from gevent.lock import Semaphore
from gevent.pool import Pool
from gunicorn.http.errors import ParseException
from gunicorn.workers.ggevent import GeventWorker

from .client import HEAD_BYTES, LAST_CALL_S, BoundedSocket
from .door import is_narrow, plug
from .malformed import refusal

LARGE_AT_ONCE = 16  # bodies above LARGE_BYTES
ASIDE_AT_ONCE = 1  # of those who send more than a packet, how many go on in each turn of the loop
REFUSED_S = 0.06  # after a refusal: forgers as fast as they can would take all of the loop's time
LOOK_EVERY_S = 0.1
HANDSHAKE_S = 0.3  # when the process ends: whoever has begun to connect has done so by then
ARBITER_S = 3.0  # Ctrl-C reaches everybody: the arbiter may hear of it that much later, on a busy machine
SWITCH_S = 0.0005  # how long the loop waits for a thread that computes: a tenth of Python's own interval
ENDS = (signal.SIGTERM, signal.SIGINT)


class PatientWorker(GeventWorker):  # type: ignore[misc]
    """gunicorn's gevent worker without its patches, with bounds for each client, and a gentle end."""

    sockets: list[Any]

    def init_signals(self) -> None:
        super().init_signals()
        signal.signal(signal.SIGINT, self.handle_exit)  # Ctrl-C in a terminal reaches this process too
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)

    def patch(self) -> None:
        """The listening sockets alone. gunicorn patches the whole process; then the thread that commits is none."""
        self.sockets = [cooperative(listener) for listener in self.sockets]

    def timeout_ctx(self) -> Any:
        return contextlib.nullcontext()  # the socket's own limits are closer

    def run(self) -> None:
        sys.setswitchinterval(SWITCH_S)
        # gunicorn looks a score of its options up for each request, each by way of a function.
        self.cfg.__dict__.update({name: option.get() for name, option in self.cfg.settings.items()})
        self.idle: dict[BoundedSocket, float] = {}
        self.large = Semaphore(LARGE_AT_ONCE)
        self.aside = Semaphore(ASIDE_AT_ONCE)
        self.pool = Pool(self.worker_connections)
        acceptors = [gevent.spawn(self.keep_accepting, listener) for listener in self.sockets]
        while self.alive and not self.is_orphan():
            self.tmp.notify()  # to the arbiter, that this process is not stuck
            gevent.sleep(LOOK_EVERY_S)
        if not self.is_orphan():
            self.serve_on()
        gevent.killall(acceptors)
        self.last_call()
        self.pool.join(self.cfg.graceful_timeout)

    def is_orphan(self) -> bool:
        """Whether the arbiter was killed. gunicorn's own worker would end at once, in the midst of its answers."""
        return bool(self.ppid != os.getppid())

    def keep_accepting(self, listener: Any) -> None:
        while True:
            try:
                if self.has_room():
                    self.take(listener)
                gevent.sleep(0)  # after each one, as the other processes take their share
            except OSError:
                gevent.sleep(LOOK_EVERY_S)

    def has_room(self) -> bool:
        """Wait for it a moment. Where all connections are taken, the one that has idled longest makes room."""
        if self.pool.full() and self.idle:
            client, since = next(iter(self.idle.items()))
            if time.monotonic() - since > LAST_CALL_S:
                del self.idle[client]
                client.send_away()
        return bool(self.pool.wait_available(LOOK_EVERY_S))

    def take(self, listener: Any) -> None:
        client, address = listener.accept()
        name = listener.getsockname()  # gunicorn asks with each connection, the last of which outlive the listener
        self.pool.spawn(self.handle, SimpleNamespace(getsockname=lambda: name), BoundedSocket(client, self), address)

    def handle_request(self, listener_name: Any, req: Any, sock: BoundedSocket, addr: Any) -> None:
        super().handle_request(listener_name, req, sock, addr)
        sock.flush()
        with contextlib.suppress(ParseException, OSError):  # it is answered: nothing may become a second answer
            while not sock.spent and req.body.read(HEAD_BYTES):
                pass
            if not sock.spent:
                sock.restart()
                gevent.sleep(REFUSED_S if sock.refused else 0)  # at least a turn, or who never waits holds the loop
                return
        raise StopIteration

    def handle_error(self, req: Any, client: BoundedSocket, addr: Any, exc: BaseException) -> None:
        if isinstance(exc, ParseException):
            client.sendall(refusal(exc))
        else:
            super().handle_error(req, client, addr, exc)

    def step_aside(self) -> None:
        """Let all the others have their turn, and then one of those who stepped aside."""
        with self.aside:
            gevent.sleep(0)

    def serve_on(self) -> None:
        """Until the arbiter has narrowed the socket, as it would reset who comes in between, and a moment longer."""
        until = time.monotonic() + ARBITER_S
        while self.app.narrows and not all(map(is_narrow, self.sockets)) and time.monotonic() < until:
            gevent.sleep(LOOK_EVERY_S)
        gevent.sleep(HANDSHAKE_S)

    def last_call(self) -> None:
        """Take whoever has connected, then close the door; who idles has a moment left."""
        idlers = list(self.idle)  # who comes or idles from now on does so for LAST_CALL_S anyway
        for listener in self.sockets:
            self.take_all(listener)
            until = time.monotonic() + HANDSHAKE_S
            while is_narrow(listener) and not plug(listener) and time.monotonic() < until:
                self.take_all(listener)
            listener.close()
        gevent.spawn_later(LAST_CALL_S, self.send_away, idlers)

    def take_all(self, listener: Any) -> None:
        listener.settimeout(0)
        with contextlib.suppress(OSError):  # nobody is left
            while not self.pool.full():
                self.take(listener)

    def send_away(self, clients: list[BoundedSocket]) -> None:
        for client in clients:
            if client in self.idle:
                client.send_away()


def cooperative(listener: Any) -> Any:
    return gevent.socket.socket(listener.FAMILY, socket.SOCK_STREAM, fileno=listener.sock.detach())
