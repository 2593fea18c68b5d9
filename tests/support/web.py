"""A web process of ours by itself, and the bytes of a signed request to it."""

from __future__ import annotations

import json
import socket
import time
from contextlib import contextmanager, suppress

from mock_sender.sign import sign
from tests.support.processes import children_of, free_port, listens, started, status_of, until

SECRET = "a secret for tests"
SERVE = (
    "import os; from receiver import settings; from receiver.app.server import serve; serve(settings.read(os.environ))"
)


def a_body(key):
    return json.dumps({"delivery_id": key, "event": "call.completed", "data": {}}).encode()


def a_request(body, *, chunked=False, length=None, age_s=0, secret=SECRET):
    """The head of a request that was signed so long ago, as bytes."""
    timestamp = int(time.time()) - age_s
    how = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body) if length is None else length}"
    return (
        f"POST /webhooks/inboundflow HTTP/1.1\r\nHost: x\r\n{how}\r\nX-InboundFlow-Timestamp: {timestamp}\r\n"
        f"X-InboundFlow-Signature: {sign(secret, timestamp, body)}\r\n\r\n"
    ).encode()


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def booted(web):
    """Its processes that have built the application, and with it the thread that writes rejections."""
    return [pid for pid in children_of(web) if status_of(pid)["threads"] > 1]


@contextmanager
def serving(script, env):
    port = free_port()
    with started("-c", script, env=env | {"PORT": str(port)}):
        until(lambda: listens(port), what="the server")
        yield port


def talk(port, *pieces, pause_s=0.0, wait_s=15):
    """Send the pieces and return all that comes back until the server closes, or the first answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait_s) as sock:
        for piece in pieces:
            with suppress(BrokenPipeError, ConnectionResetError):  # it has answered, and does not read on
                sock.sendall(piece)
            time.sleep(pause_s)
        answer = b""
        while b"}" not in answer:
            received = sock.recv(65536)
            if not received:
                break
            answer += received
        return answer
