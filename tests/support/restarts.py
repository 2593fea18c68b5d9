"""Senders that go on while the web process ends and starts, and what each of them was promised."""

import http.client
import json
import sqlite3
import threading
import time
from contextlib import contextmanager

from mock_sender.sign import sign

SECRET = "a secret for restarts"
PROMISE_S = 9
PATH = "/webhooks/inboundflow"


class Sender(threading.Thread):
    """Sends one delivery after the other, and notes what became of each."""

    def __init__(self, place, name, *, keeps, pause_s=0.0):
        super().__init__(name=name, daemon=True)
        self.port = int(place["PORT"])
        self.keeps = keeps
        self.pause_s = pause_s
        self.enough = threading.Event()
        self.connection = None
        self.answered = {}  # key: seconds
        self.refused = {}  # key: why there was no connection
        self.broken = {}  # key: (why there was no answer, whether it was the connection's first request)

    def run(self):
        number = 0
        while not self.enough.is_set():
            number += 1
            self.send(f"{self.name}-{number}")
            time.sleep(self.pause_s)

    def send(self, key):
        began = time.monotonic()
        first = self.connection is None
        try:
            connection = self.connection or self.connect()
        except OSError as error:
            self.refused[key] = repr(error)
            time.sleep(0.05)
            return
        try:
            status, stays = ask(connection, key)
            assert status == 200, (key, status)
            self.answered[key] = time.monotonic() - began
        except (OSError, http.client.HTTPException) as error:
            self.broken[key] = (repr(error), first)
            stays = False
        self.connection = connection if stays and self.keeps else None
        if not self.connection:
            connection.close()

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.connect()
        return connection

    def end(self):
        self.enough.set()
        self.join(25)


def request(connection, key):
    body = json.dumps({"delivery_id": key, "event": "call.completed", "data": {}}).encode()
    now = str(int(time.time()))
    headers = {"X-InboundFlow-Timestamp": now, "X-InboundFlow-Signature": sign(SECRET, int(now), body)}
    connection.request("POST", PATH, body, headers)


def ask(connection, key):
    """The status of one delivery, and whether the connection stays."""
    request(connection, key)
    answer = connection.getresponse()
    answer.read()
    return answer.status, not answer.will_close


@contextmanager
def sending(place):
    """Four senders that connect for each delivery, four that keep their connection, and one that often idles on it."""
    senders = [
        *[Sender(place, f"new{n}", keeps=False) for n in range(4)],
        *[Sender(place, f"kept{n}", keeps=True) for n in range(4)],
        Sender(place, "idle", keeps=True, pause_s=0.3),
    ]
    for sender in senders:
        sender.start()
    try:
        yield senders
    finally:
        for sender in senders:
            sender.end()


def kept(place):
    rows = sqlite3.connect(place["DATA_DIR"] + "/inbox.db").execute("SELECT key FROM deliveries")
    return {row[0] for row in rows}


def all_of(senders, what):
    return {key: value for sender in senders for key, value in getattr(sender, what).items()}


def check_what_was_promised(place, senders):
    """Each answer is in the database; what got none was never begun, on a kept connection that idled."""
    unanswered = all_of(senders, "broken")

    assert set(all_of(senders, "answered")) - kept(place) == set()
    assert set(unanswered) & kept(place) == set()
    assert [found for found in unanswered.items() if found[1][1]] == []
    assert len(unanswered) <= len(senders)
    assert max(all_of(senders, "answered").values()) < PROMISE_S
