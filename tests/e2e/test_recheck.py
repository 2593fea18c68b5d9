"""A day with the wrong secret, then the right one: everything genuine is taken in, and nothing forged."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace
from datetime import date

from mock_sender import sender
from mock_sender.traffic import BUSINESSES, day
from tests.support.cli import receiver
from tests.support.processes import free_port, listens, started, until
from tests.support.tools import tuples
from tests.support.web import SECRET, SERVE

WRONG = "another secret"


def forged(payload):
    """A stranger's request in InboundFlow's form, and a genuine signature over another body."""
    body = payload.body.replace(payload.delivery_id.encode(), b"forged-" + payload.delivery_id.encode())
    return replace(payload, body=body)


def test_a_day_with_the_wrong_secret_is_made_good(env, db):
    rng = random.Random(7)
    calls = [planned.payload for planned in day(rng, next(iter(BUSINESSES.values())), date(2026, 11, 30), 20)]
    port = free_port()
    url = f"http://127.0.0.1:{port}/webhooks/inboundflow"
    env = env | {"PORT": str(port)}

    def send(payload, secret=SECRET, signed=None):
        request = sender.request(url, payload, secret=secret, timestamp=int(time.time()))
        if signed:  # another body than the one that was signed
            request = replace(request, body=forged(signed).body)
        return sender.send(request).status

    with started("-c", SERVE, env=env | {"INBOUNDFLOW_SIGNING_SECRET": WRONG}) as process:
        until(lambda: listens(port), what="the server")
        refused = [send(payload) for payload in calls]
        refused += [send(forged(payload), "a stranger's") for payload in calls[:20]]
        refused += [send(payload, signed=payload) for payload in calls[:20]]
        refused += [send(payload) for payload in calls[:5]]  # sent again
        stored_too = send(forged(calls[0]), WRONG)  # signed with the secret that is set now, and not later
        process.terminate()
        process.wait(20)
    with started("-c", SERVE, env=env | {"INBOUNDFLOW_SIGNING_SECRET": SECRET}) as process:
        until(lambda: listens(port), what="the server")
        stored = [send(payload) for payload in calls[-3:]]  # InboundFlow sends these once more
        process.terminate()
        process.wait(20)
    right = env | {"INBOUNDFLOW_SIGNING_SECRET": SECRET}
    dry, done, again = (
        json.loads(receiver("recheck", "--json", *options, **right).stdout) for options in (["--dry-run"], [], [])
    )

    assert (set(refused), stored_too, stored) == ({401}, 200, [200] * 3)
    expected = {"stored": len(calls) - 3, "duplicate": 3 + 5, "left": 40}
    assert {name: done[name] for name in expected} == expected
    assert (dry["left"], dry["stored"] + dry["duplicate"], again["stored"], again["left"]) == (
        40,
        len(calls) + 5,
        0,
        40,
    )
    kept = [key for [key] in tuples(db.read("SELECT key FROM deliveries ORDER BY key"))]
    genuine = [payload.delivery_id for payload in calls]
    assert kept == sorted([*genuine, f"forged-{calls[0].delivery_id}"])  # the one that was authentic at the time
    assert tuples(db.read("SELECT count(*) FROM conflicts")) == [(0,)]
