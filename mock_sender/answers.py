"""Reads the answer to a request, up to a limit, and puts failures into words."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass

import h11

ANSWER_BYTES = 64 * 1024  # far more than it takes to acknowledge a delivery
READ_BYTES = 16 * 1024

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A receiver's answer, or its absence. `failure` is "" for 2xx, else the reason in words."""

    status: int | None
    body: str = ""
    headers: Headers = ()
    latency_s: float = 0.0
    failure: str = ""
    timed_out: bool = False

    @property
    def said(self) -> str:
        """The receiver's own word for it, where it gave one."""
        with suppress(ValueError, AttributeError):
            return str(json.loads(self.body).get("status") or "")
        return ""


class Cut(EOFError):
    """The connection was closed by us, as asked."""


class Parser:
    """Answers, one after another, out of one connection."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self.reader = reader
        self.left = b""
        self.is_last = False  # whether the other side said that it closes the connection after this answer

    async def answer(self) -> tuple[int, Headers, bytes]:
        """Status, headers and (the beginning of) the body. Raises EOFError, OSError, h11.RemoteProtocolError."""
        http = h11.Connection(h11.CLIENT, max_incomplete_event_size=ANSWER_BYTES)
        http.send(h11.Request(method="POST", target="/", headers=[("Host", "x"), ("Content-Length", "0")]))
        http.send(h11.EndOfMessage())
        http.receive_data(self.left) if self.left else None
        status, body = 0, b""
        headers: Headers = ()
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                piece = await self.reader.read(READ_BYTES)
                if not piece and not status:
                    raise EOFError
                http.receive_data(piece)
            elif isinstance(event, h11.Response):
                status, headers = event.status_code, decoded(event)
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
                if len(body) > ANSWER_BYTES:
                    return status, headers, body[:ANSWER_BYTES]
            elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
                self.left = http.trailing_data[0]
                self.is_last = http.their_state is not h11.DONE
                return status, headers, body


def decoded(event: h11.Response) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers)


def judged(status: int, headers: Headers, body: bytes, latency_s: float) -> Answer:
    text = body.decode(errors="replace")
    failure = "" if 200 <= status < 300 else refusal(status, headers, text)
    return Answer(status=status, headers=headers, body=text, latency_s=latency_s, failure=failure)


def refusal(status: int, headers: Headers, body: str) -> str:
    """The status, and what the receiver said about it."""
    with suppress(ValueError, TypeError, KeyError):
        answer = json.loads(body)
        return f"{status} {answer['reason']}: {answer['detail']}"
    if 300 <= status < 400:
        where = next((value for name, value in headers if name.lower() == "location"), "somewhere else")
        return f"{status}: a redirect to {where} is not followed, give that address instead"
    hint = " (is the path right? ours is /webhooks/inboundflow)" if status in (404, 405) else ""
    return f"{status}{hint}"


def in_words(error: Exception) -> str:
    if isinstance(error, Cut):
        return "the connection was cut on purpose"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"no secure connection: {error.reason or error}"
    if isinstance(error, socket.gaierror):
        return "could not connect: the name is not known"
    if isinstance(error, ConnectionRefusedError):
        return "could not connect: nothing listens there"
    if isinstance(error, EOFError | ConnectionResetError | BrokenPipeError):
        return "the connection was closed without an answer"
    if isinstance(error, h11.RemoteProtocolError):
        return f"what came back is not HTTP: {error}"
    return f"could not connect: {type(error).__name__}"
