"""How long, and for how much, the web process listens to a client: gunicorn's greenlets, with the bounds they lack."""

from __future__ import annotations

import contextlib
import errno
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

from ..web import READ_S
from .door import is_narrow, plug

HEAD_BYTES = 64 * 1024  # a delivery's headers are 2 KiB behind the chattiest proxies
LINGER_BYTES = 64 * 1024  # read on after the last answer, so that a reset does not overtake it
LARGE_BYTES = 32 * 1024  # who sends more takes one of so many places, as all of it is in memory until it is answered
LARGE_AT_ONCE = 16
ASIDE_AT_ONCE = 1  # of those who send more than a packet, how many go on in each turn of the loop
REFUSED_S = 0.03  # after a refusal: forgers as fast as they can would take all of the loop's time
LAST_CALL_S = 1.0  # when the process ends: what comes on an idle connection until then is still answered
LOOK_EVERY_S = 0.1
HANDSHAKE_S = 0.3  # when the process ends: whoever has begun to connect has done so by then
ARBITER_S = 3.0  # Ctrl-C reaches everybody: the arbiter may hear of it that much later, on a busy machine
SWITCH_S = 0.0005  # how long the loop waits for a thread that computes: a tenth of Python's own interval
ENDS = (signal.SIGTERM, signal.SIGINT)


class BoundedSocket:
    """A client's socket, which idles for so long; from its first byte on a request has a deadline and a size.

    gunicorn bounds neither.
    """

    def __init__(self, sock: Any, worker: PatientWorker) -> None:
        self.sock = sock
        self.worker = worker
        self.idle_s = READ_S
        self.spent = False  # whether a body broke off: what follows it is no request
        self.unsent = b""
        self.refused = False  # whether the last answer was a refusal
        self.has_place = False
        self.restart()

    def restart(self) -> None:
        """The next request begins with its first byte, or is here already."""
        self.first: float | None = None
        self.received = 0
        self.allowed_bytes = HEAD_BYTES  # web/body.py allows more, piece by piece
        self.leave_place()

    @property
    def began(self) -> float:
        if self.first is None:
            self.first = time.monotonic()
        return self.first

    def recv(self, size: int) -> bytes:
        if self.allowed_bytes <= 0:
            raise ConnectionResetError(errno.ECONNRESET, "the client sent too much")  # gunicorn drops it quietly
        if self.received > LARGE_BYTES and not self.has_place:
            self.take_place()
        if self.received:
            self.worker.step_aside()  # a long body, or one in chunks of a byte, takes turns with all the others
        data = self.first_bytes(size) if self.first is None else self.within(self.left_s(), self.sock.recv, size)
        self.allowed_bytes -= len(data)
        self.received += len(data)
        return data

    def first_bytes(self, size: int) -> bytes:
        self.worker.idle[self] = time.monotonic()
        try:
            data: bytes = self.within(self.idle_s if self.worker.alive else LAST_CALL_S, self.sock.recv, size)
        finally:
            self.worker.idle.pop(self, None)
        self.first = time.monotonic()
        self.idle_s = self.worker.cfg.keepalive
        return data

    def left_s(self) -> float:
        return self.began + READ_S - time.monotonic()

    def within(self, seconds: float, method: Any, argument: Any) -> Any:
        self.sock.settimeout(max(seconds, 0.001))
        try:
            return method(argument)
        except TimeoutError as error:
            raise TimeoutError(errno.ECONNRESET, "the client was too slow") from error

    def take_place(self) -> None:
        self.has_place = self.worker.large.acquire(timeout=max(self.left_s(), 0))
        if not self.has_place:
            raise TimeoutError(errno.ECONNRESET, "too many large bodies at once")

    def leave_place(self) -> None:
        if self.has_place:
            self.has_place = False
            self.worker.large.release()

    def sendall(self, data: bytes) -> None:
        """gunicorn gives headers and body by themselves: they are sent together, when the request has ended."""
        self.unsent += data

    def flush(self) -> None:
        answer, self.unsent = self.unsent, b""
        if answer:
            self.refused = not answer.startswith(b"HTTP/1.1 2")
            self.within(READ_S, self.sock.sendall, answer)  # it is small: who does not take it by then is gone

    def send_away(self) -> None:
        """End its idling, from another greenlet; what has come until now is still read."""
        with contextlib.suppress(OSError), socket.fromfd(self.sock.fileno(), self.sock.family, self.sock.type) as same:
            same.shutdown(socket.SHUT_RD)

    def close(self) -> None:
        """Say that it is over, and wait a little for the client's end."""
        self.leave_place()
        until = time.monotonic() + (READ_S if self.worker.alive else LAST_CALL_S)
        left = LINGER_BYTES
        with contextlib.suppress(OSError):
            self.flush()
            self.sock.shutdown(socket.SHUT_WR)
            while left > 0 and (data := self.within(until - time.monotonic(), self.sock.recv, LINGER_BYTES)):
                left -= len(data)
        self.sock.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)


class PatientWorker(GeventWorker):  # type: ignore[misc]
    """gunicorn's gevent worker without its patches, with bounds for each client, and a gentle end."""

    def init_signals(self) -> None:
        super().init_signals()
        signal.signal(signal.SIGINT, self.handle_exit)  # Ctrl-C in a terminal reaches this process too
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)

    sockets: list[Any]

    def patch(self) -> None:
        """The listening sockets alone. gunicorn patches the whole process; then the thread that commits is none."""
        self.sockets = [cooperative(listener) for listener in self.sockets]

    def timeout_ctx(self) -> Any:
        return contextlib.nullcontext()  # the socket's own limits are closer

    def run(self) -> None:
        sys.setswitchinterval(SWITCH_S)
        self.idle: dict[BoundedSocket, float] = {}  # since when; who has idled longest comes first
        self.large = Semaphore(LARGE_AT_ONCE)
        self.aside = Semaphore(ASIDE_AT_ONCE)
        self.pool = Pool(self.worker_connections)
        acceptors = [gevent.spawn(self.keep_accepting, listener) for listener in self.sockets]
        while self.alive:
            self.notify()
            gevent.sleep(LOOK_EVERY_S)
        self.serve_on()
        gevent.killall(acceptors)
        self.last_call()
        self.pool.join(self.cfg.graceful_timeout)

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
