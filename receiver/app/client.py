"""How long, and for how much, the web process listens to a client: bounds that gunicorn lacks."""

from __future__ import annotations

import contextlib
import errno
import socket
import time
from typing import Any

from ..web import READ_S

HEAD_BYTES = 64 * 1024  # a delivery's headers are 2 KiB behind the chattiest proxies
LINGER_BYTES = 64 * 1024  # read on after the last answer, so that a reset does not overtake it
LARGE_BYTES = 32 * 1024  # who sends more takes a place for large bodies, as all of it is in memory until it is answered
LAST_CALL_S = 1.0  # when the process ends: what comes on an idle connection until then is still answered


class BoundedSocket:
    """A client's socket, which idles for so long; from its first byte on a request has a deadline and a size."""

    def __init__(self, sock: Any, worker: Any) -> None:
        self.sock = sock
        self.worker = worker  # patience.PatientWorker
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
            self.step_aside()
        size = min(size, self.allowed_bytes)
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

    def step_aside(self) -> None:
        """A long body, or one in chunks of a byte, takes turns with all the others, and with the other long ones."""
        self.worker.step_aside()

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
            sent = self.within(READ_S, self.sock.send, answer)  # gevent's sendall asks for the buffer's size before
            if sent < len(answer):  # it is small: who does not take it by then is gone
                self.within(READ_S, self.sock.sendall, answer[sent:])

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
