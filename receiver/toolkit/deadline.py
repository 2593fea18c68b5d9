"""One deadline for a whole request: httpx bounds each read and write, and a destination can drip."""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore

WRITE_BYTES = 16 * 1024  # a write is bounded by the kernel's patience with each piece, so pieces are small

_ends: ContextVar[float] = ContextVar("ends", default=math.inf)  # a thread has a context of its own


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Everything that is read or written inside ends after so long."""
    token = _ends.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def left(timeout: float | None, late: type[Exception]) -> float | None:
    """A single step's time-out, cut to what is left of the deadline. Raises `late` where nothing is."""
    remaining = _ends.get() - time.monotonic()
    if remaining <= 0:
        raise late("the deadline for the whole request is past")
    return min(remaining, math.inf if timeout is None else timeout) if math.isfinite(remaining) else timeout


class TimedStream(httpcore.NetworkStream):
    """A connection that keeps to the deadline of whichever request uses it."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self.stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), WRITE_BYTES):
            self.stream.write(buffer[start : start + WRITE_BYTES], left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wait_s = left(timeout, httpcore.ConnectTimeout)
        return TimedStream(self.stream.start_tls(ssl_context, server_hostname, wait_s))

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)
