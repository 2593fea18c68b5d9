"""`receiver up` from outside: is it ready, which are its children, and a delivery to it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import httpx

from mock_sender.sign import sign
from tests.support.processes import CHECKOUT, REDIS_SERVERS, children_of, words_of

UP = ["-m", "receiver", "up"]


def url(place, path=""):
    return f"http://127.0.0.1:{place['PORT']}{path}"


def deliver(place, key, data=None, **options):
    secret = secret_of(place)
    body = json.dumps({"delivery_id": key, "event": "call.completed", "data": data or {}}).encode()
    now = int(time.time())
    headers = {"X-InboundFlow-Timestamp": str(now), "X-InboundFlow-Signature": sign(secret, now, body)}
    return httpx.post(url(place, "/webhooks/inboundflow"), content=body, headers=headers, timeout=10, **options)


def secret_of(place):
    return Path(place["DATA_DIR"], "signing_secret").read_text().strip()


def child(up, name):
    return next(pid for pid in children_of(up.pid) if is_called(pid, name))


def is_called(pid, name):
    """Whether it is `receiver NAME`, or the server where the name is redis; a path among its words may hold it too."""
    words = words_of(pid)
    return bool(words) and (words[-1] == name or (name == "redis" and Path(words[0]).name in REDIS_SERVERS))


def up_refused(env):
    """A start that is refused: its exit code and what it wrote."""
    return subprocess.run([sys.executable, *UP], env=env, cwd=CHECKOUT, capture_output=True, text=True, timeout=20)
