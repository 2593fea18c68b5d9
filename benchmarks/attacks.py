"""Clients that do not behave, each as a coroutine. Run: python -m benchmarks.attacks KIND PORT CLIENTS"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from functools import cache

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
Attack = Callable[[Reader, Writer], Awaitable[None]]

PATH = "/webhooks/inboundflow"
PATIENCE_S = 30  # how long a client stays that is not disconnected
BOMB_BYTES = 256 * 1024 * 1024  # unpacked; 256 KiB packed


def post(*headers: str, timestamp: int | None = None) -> bytes:
    """The head of a delivery that nobody signed."""
    stamp = int(time.time()) if timestamp is None else timestamp
    forged = (f"X-InboundFlow-Timestamp: {stamp}", "X-InboundFlow-Signature: sha256=" + "0" * 64)
    return "\r\n".join([f"POST {PATH} HTTP/1.1", "Host: x", *forged, *headers, "", ""]).encode()


async def stay(reader: Reader) -> None:
    """Until the server closes."""
    while await reader.read(65536):
        pass


async def silent(reader: Reader, writer: Writer) -> None:
    await stay(reader)


async def slow_headers(reader: Reader, writer: Writer) -> None:
    writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Slow: ".encode())
    await drip(writer)


async def slow_bodies(reader: Reader, writer: Writer) -> None:
    writer.write(post("Content-Length: 100000"))
    await drip(writer)


async def drip(writer: Writer) -> None:
    while not writer.transport.is_closing():
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.5)


async def endless(writer: Writer, piece: bytes) -> None:
    while not writer.transport.is_closing():
        writer.write(piece)
        await writer.drain()


async def huge_bodies(reader: Reader, writer: Writer) -> None:
    writer.write(post("Content-Length: 10000000000"))
    await endless(writer, bytes(65536))


async def bodies_at_the_limit(reader: Reader, writer: Writer) -> None:
    body = bytes(1024 * 1024)
    writer.write(post(f"Content-Length: {len(body)}") + body)
    await reader.readuntil(b"}")


async def endless_chunks(reader: Reader, writer: Writer) -> None:
    writer.write(post("Transfer-Encoding: chunked"))
    await endless(writer, b"10000\r\n" + bytes(65536) + b"\r\n")


async def endless_chunk_sizes(reader: Reader, writer: Writer) -> None:
    writer.write(post("Transfer-Encoding: chunked") + b"1;")
    await endless(writer, b"x" * 65536)


async def tiny_chunks(reader: Reader, writer: Writer) -> None:
    writer.write(post("Transfer-Encoding: chunked"))
    await endless(writer, b"1\r\nx\r\n" * 10000)


async def gzip_bombs(reader: Reader, writer: Writer) -> None:
    writer.write(post("Content-Encoding: gzip", f"Content-Length: {len(bomb())}") + bomb())
    await reader.readuntil(b"}")


@cache
def bomb() -> bytes:
    return gzip.compress(bytes(BOMB_BYTES))


async def long_headers(reader: Reader, writer: Writer) -> None:
    writer.write(post(*(f"X-{n}: {'x' * 8000}" for n in range(90)), "Content-Length: 0"))
    await reader.readuntil(b"}")


async def many_headers(reader: Reader, writer: Writer) -> None:
    writer.write(post(*(f"X-{n}: x" for n in range(50_000))))
    await stay(reader)


async def pipelines(reader: Reader, writer: Writer) -> None:
    writer.write((post("Content-Length: 2") + b"{}") * 100)
    for _ in range(100):
        await reader.readuntil(b"}")


async def unread_answers(reader: Reader, writer: Writer) -> None:
    """Pipelines, and never takes an answer."""
    writer.transport.pause_reading()
    await endless(writer, (post("Content-Length: 2") + b"{}") * 100)


async def half_closed(reader: Reader, writer: Writer) -> None:
    writer.write(post("Content-Length: 100"))
    writer.write_eof()
    await stay(reader)
    await asyncio.sleep(PATIENCE_S)


async def never_closed(reader: Reader, writer: Writer) -> None:
    """Does not close the connection that the server has ended."""
    writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
    await stay(reader)
    await asyncio.sleep(PATIENCE_S)


async def kept_alive(reader: Reader, writer: Writer) -> None:
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    await stay(reader)


async def junk(reader: Reader, writer: Writer) -> None:
    writer.write(os.urandom(200) + b"\r\n\r\n")
    await stay(reader)


async def forged(reader: Reader, writer: Writer) -> None:
    body = b'{"event":"call.completed","n":1e3}' * 20
    while not writer.transport.is_closing():
        writer.write(post(f"Content-Length: {len(body)}") + body)
        await reader.readuntil(b"}")


ATTACKS: dict[str, Attack] = {
    attack.__name__.replace("_", " "): attack
    for attack in (
        silent, slow_headers, slow_bodies, huge_bodies, bodies_at_the_limit, endless_chunks, endless_chunk_sizes,
        tiny_chunks, gzip_bombs, long_headers, many_headers, pipelines, unread_answers, half_closed, never_closed,
        kept_alive, junk, forged,
    )
}  # fmt: skip


async def launch(kind: str, port: int, clients: int) -> None:
    """Run that many clients until cancelled. A client that is disconnected connects again."""
    await asyncio.gather(*(come_again(ATTACKS[kind], port) for _ in range(clients)))


async def come_again(attack: Attack, port: int) -> None:
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await attack(reader, writer)
            finally:
                writer.transport.abort()
        await asyncio.sleep(0.001)


if __name__ == "__main__":
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    asyncio.run(launch(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
