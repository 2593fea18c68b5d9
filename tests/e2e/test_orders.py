"""A call's four events in each of their 24 orders, each sent twice at once, handled by four workers at once."""

import itertools
import json
import os
import random
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

from mock_sender import payloads, sender
from receiver import settings, store
from tests.support.processes import free_port, listens, started, until

SECRET = "a secret for tests"
WORKERS = 4
# Paces have tests of their own; with Slack's, a message a second, this would take minutes.
HURRIED_WORKER = """
import os
from dataclasses import replace
from receiver import registry, settings, worker
from receiver.registry import discovery
for name, handler in registry.load("handlers").items():
    discovery._registered[f"handlers.{name}"] = replace(handler, pace_s=handler.pace_s and 0.05)
worker.serve(settings.read(os.environ))
"""
AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ORDERS = list(itertools.permutations(range(4)))


def a_call(number):
    """The events of the one call that all the orders are of, under ids, a caller's number and e-mail of its own."""
    ids = {"call_id": f"call-{number}", "caller_phone": f"+1555010{number:04}", "caller_email": f"{number}@example.com"}
    return [changed(payload, f"{number}-{payload.event}", ids) for payload in payloads.call(random.Random(7), AT)]


def changed(payload, key, ids):
    body = json.loads(payload.body)
    body["delivery_id"] = key
    body["data"] |= {name: value for name, value in ids.items() if name in body["data"]}
    return replace(payload, delivery_id=key, body=json.dumps(body).encode())


def send(port, deliveries):
    """One after the other, each of them twice at the same time, until it is acknowledged."""
    with ThreadPoolExecutor(2) as twice:
        for payload in deliveries:
            list(twice.map(lambda one: acknowledged(port, one), [payload, payload]))


def acknowledged(port, payload):
    url = f"http://127.0.0.1:{port}/webhooks/inboundflow"
    until(lambda: not sender.deliver(url, payload, secret=SECRET).failure, within_s=60, what="an acknowledgement")


def test_whatever_the_order_each_destination_shows_the_same_call(tmp_path, postgres, redis_url, world):
    shared = world.env | {
        "DATABASE_URL": postgres.new_database(), "REDIS_URL": redis_url, "INBOUNDFLOW_SIGNING_SECRET": SECRET,
        "GOOGLE_SHEETS_LAYOUT": "calls",
    }  # fmt: skip
    db = store.connect(settings.read(shared))
    store.migrate(db)
    calls = [[a_call(number)[place] for place in order] for number, order in enumerate(ORDERS)]
    port = free_port()
    with ExitStack() as machines:

        def machine(number, *command):
            env = {**os.environ, **shared, "DATA_DIR": str(tmp_path / str(number)), "PORT": str(port)}
            machines.enter_context(started(*command, env=env))

        machine(0, "-m", "receiver", "web")
        for number in range(1, WORKERS + 1):
            machine(number, "-c", HURRIED_WORKER)
        until(lambda: listens(port), what="the web process")
        with ThreadPoolExecutor(len(calls)) as pool:
            list(pool.map(lambda call: send(port, call), calls))
        done = "SELECT count(*) AS n FROM runs WHERE state = 'succeeded'"
        until(lambda: db.read(done)[0]["n"] == 3 * 4 * len(calls), within_s=150, what="every run's end")
        kept = db.read("SELECT count(*) AS n FROM deliveries")[0]["n"]
    db.close()

    assert kept == 96
    keys = sorted(payload.delivery_id for call in calls for payload in call)
    check_slack(world.slack.messages, keys)
    check_sheets(world.sheets)
    check_hubspot(world.hubspot.objects)


def check_slack(messages, keys):
    firsts = [message for message in messages if message.get("thread_ts") in (None, message["ts"])]
    replies = Counter(message["thread_ts"] for message in messages if message not in firsts)

    assert sorted(message["delivery_id"] for message in messages) == keys
    assert replies == {first["ts"]: 3 for first in firsts}
    assert len(firsts) == 24
    assert len({without_ids(first["blocks"]) for first in firsts}) == 1


def check_sheets(sheets):
    rows = sheets.rows("Calls")
    ours = ("received_at", "delivery_id")

    assert (list(sheets.tabs), Counter(row["call_id"] for row in rows)) == (
        ["Calls"], {f"call-{number}": 1 for number in range(24)},
    )  # fmt: skip
    assert len({without_ids({name: row[name] for name in row if name not in ours}) for row in rows}) == 1


def check_hubspot(objects):
    assert {kind: len(objects[kind]) for kind in ("contacts", "calls", "meetings")} == {
        "contacts": 24, "calls": 24, "meetings": 24,
    }  # fmt: skip
    for kind in ("contacts", "calls", "meetings"):
        assert len({without_ids(found) for found in objects[kind].values()}) == 1, kind


OF_EACH = ("inboundflow_delivery_id", "hs_call_callee_object_id")


def without_ids(found):
    """As text, without what differs between the calls, and the delivery that wrote last."""
    if isinstance(found, dict):
        found = {name: value for name, value in found.items() if name not in OF_EACH}
    text = json.dumps(found, sort_keys=True, ensure_ascii=False)
    for pattern in (r"call-\d+", r"\+1[ -]?555[ -]?010[ -]?\d{4}", r"\d+@example\.com"):
        text = re.sub(pattern, "…", text)
    return text
