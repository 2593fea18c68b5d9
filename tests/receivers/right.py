"""A receiver that keeps every rule, in one page of plain Python: what the conformance checks must pass.

    python tests/receivers/right.py --port 0 --secret whsec_test        (its URL is the first line it prints)

Each rule is a method, so that a mistake (tests/receivers/mistakes) is one of them done otherwise.
"""

import argparse
import hashlib
import hmac
import json
import queue
import re
import sqlite3
import sys
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager, suppress
from pathlib import Path

if __name__ == "__main__":
    sys.path[:1] = [str(Path(__file__).resolve().parents[2])]

from tests.receivers.javascript import NotJSON, stringified
from tests.receivers.serving import Refused, Server, body_of


class Right:
    """What is done with a request, in the order of the methods."""

    tolerance_s = 300  # five minutes each way: room for clock drift, too short to replay a capture
    body_bytes = 1024 * 1024  # a long transcript has a fifth of it
    body_s = 6.0  # for the whole body: the sender waits 10 s, and we must still answer
    at_once = True  # a thread for each connection

    def __init__(self, secret, previous_secret=""):
        self.secrets = [each for each in (secret, previous_secret) if each]
        self.lock = threading.Lock()
        self.db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self.db.execute("create table deliveries (id text unique)")
        self.todo = queue.SimpleQueue()
        self.effects = Counter()
        threading.Thread(target=self.work, daemon=True).start()

    def get(self, request):
        if request.path == "/effects":
            return self.reply(request, 200, {"effects": dict(self.effects)})
        return self.reply(request, 405, {"status": "post here"})

    def post(self, request):
        try:
            status, words = self.answer(request.headers, self.body(request))
        except Refused as refused:
            status, words = refused.status, refused.words
            request.close_connection = True  # what is left of the body is not the next request
        except Exception:  # as every framework does
            status, words = 500, "internal server error"
        self.reply(request, status, {"status": words})

    def body(self, request):
        return body_of(request, self.body_bytes, self.body_s)

    def answer(self, headers, body):
        if not self.fresh(self.header(headers, "Timestamp")):
            return 401, "too old, or from the future"
        if not self.signed(headers, body):
            return 401, "not signed with our secret"
        return self.accepted(headers, body)

    def header(self, headers, name):
        return headers.get(f"X-InboundFlow-{name}", "")

    def fresh(self, timestamp):
        return bool(re.fullmatch("[0-9]{1,12}", timestamp)) and self.in_time(int(timestamp))

    def in_time(self, timestamp):
        return abs(time.time() - timestamp) <= self.tolerance_s

    def signed(self, headers, body):
        given, timestamp = self.header(headers, "Signature"), self.header(headers, "Timestamp")
        expected = [self.signature(key, timestamp, text) for text in self.texts(body) for key in self.secrets]
        return any(self.same(given, each) for each in expected)

    def texts(self, body):
        """What may have been signed: the bytes on the wire, or what JavaScript makes of them."""
        yield body
        with suppress(NotJSON):
            yield self.stringified(body)

    def stringified(self, body):
        return stringified(body)

    def signature(self, secret, timestamp, text):
        return "sha256=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + text, hashlib.sha256).hexdigest()

    def same(self, given, expected):
        return hmac.compare_digest(given.encode(errors="replace"), expected.encode())

    def accepted(self, headers, body):
        """Authentic: whatever is in it, the answer is 200."""
        key = self.key(headers, body)
        if self.is_new(key):
            self.todo.put(key)
        return 200, "accepted"

    def key(self, headers, body):
        """The signed delivery_id; the header of that name is not signed."""
        key = self.envelope(body).get("delivery_id")
        with suppress(UnicodeEncodeError):
            if isinstance(key, str) and key.encode():
                return key
        return hashlib.sha256(body).hexdigest()

    def envelope(self, body):
        with suppress(ValueError, RecursionError):
            if isinstance(found := json.loads(body), dict):
                return found
        return {}

    def is_new(self, key):
        """The database decides: nothing comes between looking and writing."""
        with self.lock:
            return self.db.execute("insert or ignore into deliveries values (?)", [key]).rowcount == 1

    def unreadable(self, status):
        """The answer to what is not HTTP, or too much of it, or a method that nobody expects."""
        return 405 if status == 501 else status

    def reply(self, request, status, said):
        request.reply(status, json.dumps(said).encode())

    def work(self):
        """After the answer: what the delivery is for."""
        while key := self.todo.get():
            self.effects[key] += 1

    def close(self):
        self.todo.put(None)
        self.db.close()


@contextmanager
def right(secret, mistake=None, previous_secret="", port=0):
    """The receiver, running in this process, with one of the MISTAKES or without."""
    rules = rules_of(mistake)(secret, previous_secret)
    with closing(rules), Server(rules, port) as server:
        yield server


def rules_of(mistake):
    if not mistake:
        return Right
    from tests.receivers.mistakes import MISTAKES  # they are made of this file

    return MISTAKES[mistake].rules


def main():
    parser = argparse.ArgumentParser(description="A receiver that keeps every rule, or all but one.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--secret", required=True)
    parser.add_argument("--previous-secret", default="")
    parser.add_argument("--mistake", help="a slug of tests/receivers/mistakes")
    wanted = parser.parse_args()
    with right(wanted.secret, wanted.mistake, wanted.previous_secret, wanted.port) as server:
        print(server.url, flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
