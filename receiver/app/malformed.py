"""The answer to what is no HTTP request, in the form of the API's (RFC 9457): gunicorn's own is a page of HTML."""

from __future__ import annotations

import json
from http import HTTPStatus

from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)

STATUSES = {LimitRequestHeaders: 431, ExpectationFailed: 417, UnsupportedTransferCoding: 501}  # others are 400
LINE_BYTES = 8190  # gunicorn reads no longer ones
TOO_LONG = f"The method and the address of a request may have {LINE_BYTES} bytes together."
DETAIL_CHARS = 200  # it may repeat what was sent


def refusal(error: ParseException) -> bytes:
    """The whole answer, after which the connection is closed."""
    status = HTTPStatus(STATUSES.get(type(error), 400))
    detail = TOO_LONG if isinstance(error, LimitRequestLine) else str(error)[:DETAIL_CHARS]
    problem = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "reason": "request-not-valid",
        "detail": detail,
    }
    body = f"{json.dumps(problem)}\n"
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()
