"""The route with other sources than the environment's single one."""

import json
import time
from types import SimpleNamespace

import pytest
from flask import Flask

from mock_sender.sign import sign
from receiver.sources import Source
from receiver.verify import Verifier
from receiver.web import observe_answers, webhook_routes

SECRET = "a secret for tests"


class Kept:
    def __init__(self):
        self.deliveries, self.rejections = [], []

    def keep(self, delivery, *, timeout_s):
        self.deliveries.append(delivery)
        return "stored"

    def count(self, reason, headers, *, source):
        self.rejections.append((source, reason))


@pytest.fixture
def kept():
    return Kept()


def a_client(kept, sources):
    app = Flask("test", static_folder=None)
    app.register_blueprint(webhook_routes(sources, kept, kept, verifier_of=Verifier, max_body_bytes=1024))
    return app.test_client()


def post(client, secret=SECRET):
    body = json.dumps({"event": "call.completed", "delivery_id": "d-1", "data": {}}).encode()
    now = int(time.time())
    headers = {"X-InboundFlow-Timestamp": str(now), "X-InboundFlow-Signature": sign(secret, now, body)}
    return client.post("/webhooks/inboundflow", data=body, headers=headers)


def test_a_delivery_carries_the_name_of_its_source(kept):
    client = a_client(kept, {"": Source(name="garage", secrets=(SECRET.encode(),))})

    assert post(client).json == {"status": "stored"}
    assert [delivery.source for delivery in kept.deliveries] == ["garage"]


def test_a_rejection_is_counted_for_its_source(kept):
    client = a_client(kept, {"": Source(secrets=(SECRET.encode(),))})

    assert post(client, secret="another").status_code == 401
    assert kept.rejections == [("", "signature-mismatch")]


def test_a_name_that_is_no_sources_is_404_in_the_same_shape_and_counts_nothing(kept):
    answer = post(a_client(kept, {}))

    assert (answer.status_code, answer.json["status"], answer.json["reason"]) == (404, "rejected", "not-found")
    assert (kept.deliveries, kept.rejections) == ([], [])


def test_where_only_businesses_of_their_own_receive_the_plain_address_says_so(kept):
    client = a_client(kept, {"acme": Source(name="acme", secrets=(SECRET.encode(),))})

    plain, unknown = post(client), client.post("/webhooks/inboundflow/bolt", data=b"{}")

    assert (plain.status_code, plain.json["reason"]) == (404, "not-found")
    assert "each business has one of its own, which ends in /webhooks/inboundflow/NAME" in plain.json["detail"]
    assert unknown.json["detail"] == "Deliveries go to POST /webhooks/inboundflow."


def test_an_answer_is_told_of_with_its_source_and_none_with_a_name_that_is_nobodys(kept):
    told = []
    app = Flask("observed", static_folder=None)
    sources = {"acme": Source(name="acme", secrets=(SECRET.encode(),))}
    routes = webhook_routes(sources, kept, kept, verifier_of=Verifier, max_body_bytes=1024)
    app.register_blueprint(observe_answers(routes, SimpleNamespace(answered=told.append)))
    for name in ("acme", "made-up"):
        app.test_client().post(f"/webhooks/inboundflow/{name}", data=b"{}")

    assert [(each.source, each.answer) for each in told] == [("acme", "rejected")]
