"""HTTP for the small receivers: Python's own server, with what it leaves out (chunks, limits, a polite end)."""

import socket
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn

CHUNK_LINE_BYTES = 64  # a size in hexadecimal digits, or the end of a chunk
TRAILER_LINES = 20  # InboundFlow sends none
LINGER_S = 2.0  # for what is still on its way when we have answered: else the reset would overtake the answer


class Refused(Exception):
    """The request cannot be read; answered with its status, and the connection ends."""

    def __init__(self, status, words):
        super().__init__(words)
        self.status, self.words = status, words


def body_of(request, most_bytes, within_s):
    """The whole body, chunked or not. Raises Refused where it is too large or too slow, or ends too early."""
    deadline = time.monotonic() + within_s
    body = b""
    try:
        for piece in pieces(request, deadline):
            body += piece
            if len(body) > most_bytes:
                raise Refused(413, "too large")
    except TimeoutError:
        raise Refused(408, "too slow") from None
    except ValueError:
        raise Refused(400, "not HTTP") from None
    return body


def pieces(request, deadline):
    if request.headers.get("Transfer-Encoding", "").lower() == "chunked":
        yield from chunks(request, deadline)
    else:
        yield from stretch(request, int(request.headers.get("Content-Length", 0)), deadline)


def chunks(request, deadline):
    while size := int(line(request, deadline).partition(b";")[0], 16):
        yield from stretch(request, size, deadline)
        line(request, deadline)
    for _ in range(TRAILER_LINES):
        if not line(request, deadline).strip():
            return
    raise ValueError("too many trailers")


def line(request, deadline):
    patient(request, deadline)
    return request.rfile.readline(CHUNK_LINE_BYTES)


def stretch(request, size, deadline):
    while size > 0:
        patient(request, deadline)
        piece = request.rfile.read1(min(size, 64 * 1024))
        if not piece:
            raise Refused(400, "cut short")
        size -= len(piece)
        yield piece


def patient(request, deadline):
    request.connection.settimeout(max(0.001, deadline - time.monotonic()))


class Request(BaseHTTPRequestHandler):
    """One connection; the rules of its server say what is done with each request on it."""

    protocol_version = "HTTP/1.1"
    timeout = 15  # seconds without a byte
    wbufsize = -1  # an answer leaves in one piece
    disable_nagle_algorithm = True

    def do_POST(self):
        self.server.rules.post(self)
        self.connection.settimeout(self.timeout)

    def do_GET(self):
        self.server.rules.get(self)

    def reply(self, status, body, **headers):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        if status == 405:
            self.send_header("Allow", "POST")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code, message=None, explain=None):
        """What the server itself refuses: a header that is too long, too many of them, a method nobody knows."""
        self.close_connection = True
        self.server.rules.reply(self, self.server.rules.unreadable(code), {"status": message or "not HTTP"})

    def finish(self):
        with suppress(OSError):
            super().finish()
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER_S)
            until = time.monotonic() + LINGER_S
            while self.connection.recv(256 * 1024) and time.monotonic() < until:
                pass

    def log_message(self, *_):
        pass


class Serving(HTTPServer):
    request_queue_size = 256  # connections that come at the same moment
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_):
        """A connection that broke is nobody's trouble but the sender's."""


class ServingAtOnce(ThreadingMixIn, Serving):
    pass


class Server:
    """A receiver on a port of this machine."""

    def __init__(self, rules, port=0):
        serving = ServingAtOnce if rules.at_once else Serving
        self.serving = serving(("127.0.0.1", port), Request)
        self.serving.rules = rules
        rules.serving = self.serving
        self.address = f"http://127.0.0.1:{self.serving.server_address[1]}"
        self.url, self.effects_url = f"{self.address}/webhook", f"{self.address}/effects"

    def __enter__(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def serve(self):
        self.serving.serve_forever(poll_interval=0.02)  # seconds: so long does the end take
        self.serving.server_close()

    def __exit__(self, *_):
        ending = threading.Thread(target=self.serving.shutdown, daemon=True)
        ending.start()
        ending.join(0.5)  # seconds; one that takes a request at a time may be stuck in one
