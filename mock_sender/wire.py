"""One HTTP exchange, byte for byte: what is sent is exactly what was asked for, however odd, and it ends in time."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import h11

from .answers import Answer, Cut, Headers, Parser, in_words, judged

__all__ = ["TIMEOUT_S", "Answer", "Headers", "Request", "exchange", "on_one_connection", "send"]

TIMEOUT_S = 10.0  # for the whole exchange, from the look-up of the name to the last byte, as documented


@dataclass(frozen=True, kw_only=True)
class Request:
    """What goes over the wire, and at what pace."""

    url: str
    headers: Headers  # as they are written, in this order; without Host and the framing
    body: bytes = b""
    method: str = "POST"
    chunk_bytes: int = 0  # > 0: Transfer-Encoding: chunked, in chunks of so many bytes
    piece_bytes: int = 0  # > 0: the body is written in pieces of so many bytes
    pause_s: float = 0.0  # after each piece
    cut_at: int | None = None  # the connection is closed after so many bytes of the request

    def head(self) -> bytes:
        parts = urlsplit(self.url)
        framing = ("Transfer-Encoding", "chunked") if self.chunk_bytes else ("Content-Length", str(len(self.body)))
        lines = [f"{self.method} {target(self.url)} HTTP/1.1", f"Host: {parts.netloc.rpartition('@')[2]}"]
        framed = self.method == "POST" or self.body
        headers = (*self.headers, framing) if framed else self.headers
        lines += [f"{name}: {value}" for name, value in headers]
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")

    def framed(self) -> bytes:
        """The body as it stands on the wire."""
        if not self.chunk_bytes:
            return self.body
        steps = range(0, len(self.body), self.chunk_bytes)
        chunks = [self.body[start : start + self.chunk_bytes] for start in steps]
        return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"

    @property
    def is_whole(self) -> bool:
        """Whether it is written in one go, and to its end."""
        return not self.piece_bytes and not self.pause_s and self.cut_at is None

    def raw(self) -> bytes:
        """Every byte that is sent."""
        return (self.head() + self.framed())[: self.cut_at]


def send(request: Request, timeout_s: float = TIMEOUT_S) -> Answer:
    """Send it once, and wait for the answer no longer than that. Raises nothing: a failure is an answer too."""
    return asyncio.run(exchange(request, timeout_s))


async def exchange(request: Request, timeout_s: float = TIMEOUT_S) -> Answer:
    """As `send`, for many at once."""
    [answer] = await on_one_connection([request], timeout_s)
    return answer


async def on_one_connection(
    requests: Sequence[Request], timeout_s: float = TIMEOUT_S, *, pipelined: bool = False
) -> list[Answer]:
    """Several on one connection to the first one's host, the next after the last was answered, or all at once.

    The time-out is for all of them. One that got no answer has a failure saying so; anything but 2xx is a failure, a
    redirect too, which is not followed.
    """
    began = time.monotonic()
    answers: list[Answer] = []

    def failed(words: str, *, timed_out: bool = False) -> list[Answer]:
        took = time.monotonic() - began
        missing = len(requests) - len(answers)
        none = Answer(status=None, latency_s=took, failure=words, timed_out=timed_out)
        return answers + [none] * missing

    groups = [list(requests)] if pipelined else [[request] for request in requests]
    try:
        async with asyncio.timeout(timeout_s), connected(requests[0].url) as (reader, writer):
            parser = Parser(reader)
            for group in groups:
                async with writing(writer, group) as sending:
                    for _ in group:
                        status, headers, body = await answered(parser, sending)
                        answers.append(judged(status, headers, body, time.monotonic() - began))
                        if parser.is_last:
                            return failed("the connection was closed after the answer before")
    except TimeoutError:
        return failed(f"no answer in {timeout_s:g} s", timed_out=True)
    except (OSError, h11.RemoteProtocolError, EOFError) as error:
        return failed(in_words(error))
    return answers


async def answered(parser: Parser, sending: asyncio.Task[None]) -> tuple[int, Headers, bytes]:
    """The next answer; it may come before all is sent. Raises what the connection met."""
    reading = asyncio.ensure_future(parser.answer())
    try:
        await asyncio.wait([reading, sending], return_when=asyncio.FIRST_COMPLETED)
        if sending.done() and isinstance(sending.exception(), Cut):
            raise Cut
        return await reading
    finally:
        await dropped(reading)


@asynccontextmanager
async def writing(writer: asyncio.StreamWriter, requests: Sequence[Request]) -> AsyncIterator[asyncio.Task[None]]:
    async def write_all() -> None:
        if all(request.is_whole for request in requests):  # in one write, so that they arrive together
            writer.write(b"".join(request.raw() for request in requests))
            return await writer.drain()
        for request in requests:
            await write(writer, request)
        return None

    sending = asyncio.create_task(write_all())
    try:
        yield sending
    finally:
        await dropped(sending)


async def dropped(task: asyncio.Future[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, OSError, h11.RemoteProtocolError, EOFError):
        await task


async def write(writer: asyncio.StreamWriter, request: Request) -> None:
    """Raises Cut after as many bytes as were wanted."""
    raw, body_at = request.raw(), len(request.head())
    step = request.piece_bytes or len(raw) or 1
    pieces = [raw[:body_at], *(raw[start : start + step] for start in range(body_at, len(raw), step))]
    if not request.piece_bytes:
        pieces = [raw]
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        if request.pause_s:
            await asyncio.sleep(request.pause_s)
    if request.cut_at is not None:
        raise Cut


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    parts = urlsplit(url)
    secure = certificates() if parts.scheme == "https" else None
    port = parts.port or (443 if secure else 80)
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()  # closing TLS in good order could outlast the time-out


@cache
def certificates() -> ssl.SSLContext:
    """The system's certificates. Loading them takes longer than a delivery, so they are loaded once."""
    return ssl.create_default_context()


def target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
