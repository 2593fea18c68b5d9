"""The mock sender's command, and a receiver that answers as a test says."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.support.http import Server
from tests.support.processes import CHECKOUT


def mock_sender(*arguments, **env):
    return subprocess.run(
        [sys.executable, "-m", "mock_sender", *arguments],
        env={"PATH": os.environ["PATH"], **env}, cwd=CHECKOUT, capture_output=True, text=True, timeout=30,
    )  # fmt: skip


class Answering(BaseHTTPRequestHandler):
    """Answers as its server says, and keeps what it was sent."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((dict(self.headers), body))
        self.server.answer(self)

    def do_GET(self):
        self.server.answer(self)

    def log_message(self, *_):
        pass


@contextmanager
def a_receiver(answer):
    server = Server(("127.0.0.1", 0), Answering)
    server.seen, server.answer = [], answer
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_port}/webhooks/inboundflow"
    yield server
    server.shutdown()
    server.server_close()


def say(status, body=b"", **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer
