"""Three businesses on one receiver that runs: each delivery reaches its own destination and no other's."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from contextlib import contextmanager

import httpx
import pytest

from mock_sender import payloads, sender
from tests.support.cli import receiver
from tests.support.processes import free_port, listens, started, until
from tests.support.sender import a_receiver, say


class Office:
    """`receiver up`, and a forward target for each business."""

    def __init__(self, place, port):
        self.env = {
            "DATA_DIR": str(place),
            "PORT": str(port),
            "SECRET_KEY": "a key for sealing, long enough",
            "MOCK_SENDER_DB": str(place / "none"),
        }
        self.url = f"http://127.0.0.1:{port}"
        self.secrets = {}

    def cli(self, *arguments):
        ran = receiver(*arguments, **self.env)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def add(self, name, *variables):
        self.secrets[name] = json.loads(self.cli("sources", "add", name, *variables, "--json"))["secret"]

    def send(self, name, payload, *, to=None):
        return sender.deliver(f"{self.url}/webhooks/inboundflow/{to or name}", payload, secret=self.secrets[name])


@contextmanager
def office(place, allowed):
    port = free_port()
    office = Office(place, port)
    office.env["FORWARD_ALLOW_HOSTS"] = allowed
    with started("-m", "receiver", "up", env={**os.environ, **office.env}):
        until(lambda: listens(port), what="the web process")
        yield office


def first(place, name):
    """The answer to its first delivery, or to a repeat of it."""
    return place.send(name, payloads.sample(random.Random(name), "call.completed", delivery_id=f"first-{name}"))


def ids(target):
    return Counter(headers["X-InboundFlow-Delivery-Id"] for headers, _ in target.seen)


@pytest.fixture
def targets():
    with a_receiver(say(200)) as first, a_receiver(say(200)) as second, a_receiver(say(500)) as broken:
        yield {"acme": first, "bolt": second, "crash": broken}


def test_each_reaches_its_own_and_no_other(tmp_path, targets):
    allowed = " ".join(target.url.split("/")[2] for target in targets.values())
    rng = random.Random(7)
    with office(tmp_path, allowed) as place:
        for name, target in targets.items():
            place.add(name, f"FORWARD_URL={target.url}")
        for name in targets:
            until(lambda name=name: first(place, name).status == 200, within_s=20, what=f"{name}'s address")
        same = payloads.sample(rng, "lead.created", delivery_id="the-same-id")
        said = [place.send(name, same).said for name in ("acme", "bolt", "acme")]
        forged = place.send("bolt", same, to="acme").status
        until(lambda: {"first-acme", "the-same-id"} <= set(ids(targets["acme"])), within_s=30, what="acme's")
        until(lambda: {"first-bolt", "the-same-id"} <= set(ids(targets["bolt"])), within_s=30, what="bolt's")
        seen = {name: set(ids(target)) for name, target in targets.items()}
        assert said == ["stored", "stored", "duplicate"]
        assert forged == 401
        assert seen["acme"] == {"first-acme", "the-same-id"}
        assert seen["bolt"] == {"first-bolt", "the-same-id"}
        assert seen["crash"] <= {"first-crash"}
        of_acme = json.loads(place.cli("deliveries", "--source", "acme", "--json"))["deliveries"]
        assert {delivery["key"] for delivery in of_acme} == {"first-acme", "the-same-id"}

        place.cli("sources", "disable", "acme")
        until(lambda: first(place, "acme").status == 404, within_s=20, what="its end")
        assert first(place, "bolt").said == "duplicate"
        unknown = httpx.post(f"{place.url}/webhooks/inboundflow/nobody", content=b"{}")
        assert (unknown.status_code, unknown.json()["status"]) == (404, "rejected")
