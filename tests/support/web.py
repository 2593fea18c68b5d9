"""A web process of ours by itself, and the bytes of a signed request to it."""

from __future__ import annotations

import json
import time

from mock_sender.sign import sign

SECRET = "a secret for tests"
SERVE = (
    "import os; from receiver import settings; from receiver.app.server import serve; serve(settings.read(os.environ))"
)


def a_body(key):
    return json.dumps({"delivery_id": key, "event": "call.completed", "data": {}}).encode()


def a_request(body, *, chunked=False, length=None):
    """The head of a request that is signed now, as bytes."""
    timestamp = int(time.time())
    how = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body) if length is None else length}"
    return (
        f"POST /webhooks/inboundflow HTTP/1.1\r\nHost: x\r\n{how}\r\nX-InboundFlow-Timestamp: {timestamp}\r\n"
        f"X-InboundFlow-Signature: {sign(SECRET, timestamp, body)}\r\n\r\n"
    ).encode()


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)
