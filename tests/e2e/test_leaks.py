"""The scan of what receivers print, answer and leave behind finds what should not be there (tests/support/leaks.py).

It looks at every process of a receiver that any test starts; here it is given something to find.
"""

import json
import time

import pytest

from receiver import settings, store
from receiver.events import Delivery
from receiver.inbox import Inbox
from tests.support import leaks
from tests.support.processes import free_port, get, is_healthy, started, until
from tests.support.web import SECRET, SERVE, a_request, talk

PHONE = "+34 600 111 222"
ASCII = {"caller_phone": PHONE, "caller_name": "Ada Moreno"}
SPANISH = {"caller_phone": PHONE, "caller_name": "Begoña Ñáñez"}


@pytest.fixture
def place(tmp_path):
    env = {"DATA_DIR": str(tmp_path), "INBOUNDFLOW_SIGNING_SECRET": SECRET, "PORT": str(free_port())}
    db = store.connect(settings.read(env))
    store.migrate(db)
    for n, data in enumerate((ASCII, SPANISH)):
        body = json.dumps({"delivery_id": f"d-{n}", "event": "call.completed", "data": data}).encode()
        Inbox(db).keep(Delivery(key=f"d-{n}", event="call.completed", body=body, received_us=1))
    db.close()
    return env


SEEDED = [
    # what a process does                                              what is found
    (f"sys.stderr.write('called {PHONE}')",                            "a caller's caller_phone in its stderr"),
    ("sys.stderr.write('Begoña Ñáñez')",                               "a caller's caller_name in its stderr"),
    ("sys.stderr.write(json.dumps({'name': 'Begoña Ñáñez'}))",         "a caller's caller_name in its stderr"),
    (f"print('secret: {SECRET}')",                                     "INBOUNDFLOW_SIGNING_SECRET in its stdout"),
    (f"open(os.environ['DATA_DIR'] + '/redis.log', 'w').write('{PHONE}')", "a caller's caller_phone in redis.log"),
]  # fmt: skip


@pytest.mark.parametrize(("seed", "leak"), SEEDED, ids=[leak for _, leak in SEEDED])
def test_a_seeded_leak_is_found(place, seed, leak):
    with (
        pytest.raises(AssertionError, match=leak),
        started("-c", f"import json, os, sys; {seed}", env=place) as process,
    ):
        process.wait()


def test_a_seeded_leak_in_a_log_file_is_found(place, tmp_path):
    log = (tmp_path / "its own log").open("w")

    with (
        pytest.raises(AssertionError, match="caller_phone in its stderr"),
        started("-c", f"print('{PHONE}')", env=place, stdout=log, stderr=-2) as process,
    ):
        process.wait()


def test_a_seeded_leak_in_an_answer_is_found(place):
    server = (
        "import http.server, os; H = type('H', (http.server.BaseHTTPRequestHandler,), {'do_GET': lambda self:"
        f"(self.send_response(200), self.end_headers(), self.wfile.write(b'{PHONE}')), 'log_message': lambda *_: None}});"
        "http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), H).serve_forever()"
    )

    with pytest.raises(AssertionError, match="caller_phone in an answer"), started("-c", server, env=place):
        until(lambda: get(int(place["PORT"]), "/metrics")[0])


def test_a_receiver_that_refuses_and_keeps_leaks_nothing_of_it(place):
    """What is refused is looked at as well: its words are in no answer and in no line."""
    port = int(place["PORT"])
    refused = json.dumps({"delivery_id": "x", "data": {"caller_phone": PHONE}}).encode()
    before = leaks.SCANNED["processes"]
    with started("-c", SERVE, env=place | {"LOG_FORMAT": "json"}):
        until(lambda: is_healthy(port))
        answers = [
            talk(port, a_request(b"another"), refused),
            talk(port, a_request(refused, length=9_000_000), refused),
            talk(port, a_request(refused), refused),
        ]
        leaks.ANSWERS[port] += answers
        time.sleep(0)
        page = get(port, "/metrics")[1].decode()

    assert [answer.split()[1] for answer in answers] == [b"401", b"413", b"200"]
    assert "inboundflow_database_up 1" in page
    assert leaks.SCANNED["processes"] == before + 1
