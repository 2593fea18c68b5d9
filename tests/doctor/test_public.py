import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from receiver import settings
from receiver.doctor.public import check_url

OURS = json.dumps({"status": "rejected", "reason": "signature_missing", "detail": "…"})
OLD = "Wed, 01 Jan 2020 00:00:00 GMT"


@pytest.fixture
def serve():
    """Starts a server that gives this answer to every POST; yields its address."""
    servers = []

    def start(status, body, date="", most=10**9):
        class Answer(BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["Content-Length"])
                self.rfile.read(size)
                self.send_response_only(413 if size > most else status)
                self.send_header("Date", date or self.date_time_string())
                self.send_header("Location", "https://elsewhere.example/")
                self.end_headers()
                self.wfile.write(b"too large" if size > most else body.encode())

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, OURS), "the receiver answers there"),
        ((301, ""), "it redirects (status 301)"),
        ((200, "<html>"), "a request without a signature is taken"),
        ((403, "<html>Log in"), "something other than the receiver answers (status 403)"),
        ((502, '{"error": "bad gateway"}'), "something other than the receiver answers (status 502)"),
        ((401, OURS, OLD), "this machine's and the public address's differ by"),
        ((401, OURS, "", 1000), "a delivery of 1 MB does not reach the receiver"),
    ],
)
def test_what_answers_at_the_public_address_is_told(serve, answer, said):
    url = serve(*answer)

    found = [one.said for one in check_url(settings.read({}), url)]

    assert found[0] == "it does not begin with https://"
    assert any(one.startswith(said) for one in found)


def test_the_receiver_by_itself_gives_no_other_finding(serve):
    found = list(check_url(settings.read({}), serve(401, OURS)))

    assert [one.severity for one in found] == ["problem", "ok"]


def test_an_address_where_nobody_listens_is_a_problem():
    found = [one.said for one in check_url(settings.read({}), "https://127.0.0.1:1")]

    assert found == ["nothing answers there: no answer (ConnectError)"]
