"""Reading a body within its size and its time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import IO, Any

from flask import Request
from gunicorn.http.errors import ParseException

from ..errors import BodyIncomplete, BodyTooLarge, BodyTooSlow

REQUEST_S = 8  # from the first byte to the answer; the sender leaves at 10 s, and the answer must travel too
READ_S = 5  # of these for headers and body; the commit gets what remains
LEAST_COMMIT_S = 0.5  # so that a body which took all of its time is still kept, or refused, by the commit
BLOCK_BYTES = 8 * 1024
CHUNKED_BYTES = 1024  # a block of a body in chunks: those of a byte take the loop a hundred times as long
WIRE_BYTES = 3  # from the network for each of the body's: chunks of a byte take six


def read_body(request: Request, limit: int) -> bytes:
    """The body's bytes as they came. Raises BodyTooLarge, BodyTooSlow or BodyIncomplete."""
    length = request.content_length
    if (length or 0) > limit:
        raise BodyTooLarge
    client = client_of(request)
    try:
        body = b"".join(blocks(client, request.environ["wsgi.input"], limit, length))
    except TimeoutError as error:
        client.spent = True
        raise BodyTooSlow from error
    except (ParseException, OSError) as error:
        client.spent = True
        raise BodyIncomplete from error
    if len(body) > limit:
        raise BodyTooLarge
    if len(body) < (length or 0):
        raise BodyIncomplete
    return body


def blocks(client: Any, stream: IO[bytes], limit: int, length: int | None) -> Iterator[bytes]:
    """The body up to a block beyond the limit. Raises OSError where a block takes many times its bytes."""
    size = 0
    block_bytes = CHUNKED_BYTES if length is None else BLOCK_BYTES
    while size <= limit and size != length:
        client.allowed_bytes = WIRE_BYTES * block_bytes
        if length is None:
            client.step_aside()
        block = stream.read(block_bytes)
        if not block:
            return
        size += len(block)
        yield block


def remaining_s(request: Request) -> float:
    """Seconds that the commit may take."""
    began: float = client_of(request).began
    return max(LEAST_COMMIT_S, REQUEST_S - (time.monotonic() - began))


def client_of(request: Request) -> Any:
    """The client's socket, as app/client.py bounds it; under another server something that bounds nothing."""
    return request.environ.get("gunicorn.socket") or SimpleNamespace(began=time.monotonic(), step_aside=lambda: None)
