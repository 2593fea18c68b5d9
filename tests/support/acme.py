"""A played CRM, as small as it can be, for the handlers in the pages."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.support.http import Server

TOKEN = "t0ken"


class AcmeRequest(BaseHTTPRequestHandler):
    """Keeps one thing under each path, with the fields that it was ever given."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_PUT(self):
        fields = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        is_allowed = self.headers.get("Authorization") in (None, f"Bearer {TOKEN}")
        if is_allowed:
            self.server.things.setdefault(self.path, {}).update(fields)
        content = json.dumps({"id": self.path.rpartition("/")[2], **self.server.things.get(self.path, {})}).encode()
        self.send_response(200 if is_allowed else 401)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_PUT

    def do_DELETE(self):
        self.send_response(404 if self.server.things.pop(self.path, None) is None else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def acme():
    """The server, with its `things` by path and its `url`."""
    server = Server(("127.0.0.1", 0), AcmeRequest)
    server.things = {}
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
