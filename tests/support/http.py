"""An HTTP server for what a test plays."""

from http.server import ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """With the standard library's 5, connections that come at once on a busy machine are dropped: they get no answer."""

    request_queue_size = 128
