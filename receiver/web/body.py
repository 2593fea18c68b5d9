"""Reading a body within its size and its time."""

from __future__ import annotations

import time
from typing import cast

from flask import Request
from gunicorn.http.errors import ParseException

from ..errors import BodyIncomplete, BodyTooLarge, BodyTooSlow

REQUEST_S = 8  # from the first byte to the answer; the sender leaves at 10 s, and the answer must travel too
READ_S = 5  # of these for headers and body; the commit gets what is left
LEAST_COMMIT_S = 0.5


def read_body(request: Request, limit: int) -> bytes:
    """The body's bytes as they came. Raises BodyTooLarge, BodyTooSlow or BodyIncomplete."""
    if (request.content_length or 0) > limit:
        raise BodyTooLarge
    try:
        body = cast(bytes, request.environ["wsgi.input"].read(limit + 1))
    except TimeoutError as error:
        raise BodyTooSlow from error
    except (ParseException, OSError) as error:
        raise BodyIncomplete from error
    if len(body) > limit:
        raise BodyTooLarge
    if len(body) < (request.content_length or 0):
        raise BodyIncomplete
    return body


def left_s(request: Request) -> float:
    """Seconds that the commit may take."""
    began = getattr(request.environ.get("gunicorn.socket"), "began", time.monotonic())  # see app/server.py
    return max(LEAST_COMMIT_S, REQUEST_S - (time.monotonic() - began))
