import json
import sqlite3
import time

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mock_sender.sign import sign
from tests.support.web import SECRET

PATH = "/webhooks/inboundflow"


def a_body(delivery_id="d-1", event="call.completed", **data):
    return json.dumps({"event": event, "delivery_id": delivery_id, "data": data}).encode()


def signed(body, *, at=None, secret=SECRET, **headers):
    timestamp = str(int(time.time()) if at is None else at)
    return {"X-InboundFlow-Timestamp": timestamp, "X-InboundFlow-Signature": sign(secret, timestamp, body)} | headers


def post(client, body, **options):
    return client.post(PATH, data=body, headers=signed(body, **options))


def kept(database):
    return sqlite3.connect(database).execute("SELECT count(*) FROM deliveries").fetchone()[0]


def test_a_new_delivery_is_stored_and_the_same_again_is_a_duplicate(client, database):
    answers = [post(client, a_body()) for _ in range(2)]

    assert [(answer.status_code, answer.json) for answer in answers] == [
        (200, {"status": "stored"}),
        (200, {"status": "duplicate"}),
    ]
    assert kept(database) == 1


ACCEPTED = [
    a_body(event="call.exploded"),
    a_body(delivery_id=None),
    a_body(delivery_id="x" * 5000),
    a_body(duration_seconds="many", caller_phone=["+1"], call_id={"a": 1}),
    a_body(caller_phone="\x00\ud800"),
    b"",
    b"null",
    b"not json",
    b"\xff\xfe",
    b"[" * 50_000,
    b'{"data": ' + b"9" * 5000 + b"}",
]


@pytest.mark.parametrize("body", ACCEPTED, ids=range(len(ACCEPTED)))
def test_whatever_is_authentic_is_stored(client, database, body):
    answer = post(client, body)

    assert (answer.status_code, answer.json) == (200, {"status": "stored"})
    assert kept(database) == 1


NOW = int(time.time())
REJECTED = [
    # what is wrong                          status  reason
    ({"X-InboundFlow-Signature": ""},           401, "signature-missing"),
    ({"X-InboundFlow-Signature": "sha256=0"},   401, "signature-missing"),
    ({"X-InboundFlow-Signature": "sha256=" + "0" * 64}, 401, "signature-mismatch"),
    ({"X-InboundFlow-Timestamp": ""},           401, "timestamp-missing"),
    ({"X-InboundFlow-Timestamp": "soon"},       401, "timestamp-missing"),
    ({"X-InboundFlow-Timestamp": str(NOW - 1)}, 401, "signature-mismatch"),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "status", "reason"), REJECTED)
def test_what_cannot_be_trusted_is_rejected_with_its_reason(client, database, headers, status, reason):
    body = a_body()

    answer = client.post(PATH, data=body, headers=signed(body) | headers)

    assert (answer.status_code, answer.json["status"], answer.json["reason"]) == (status, "rejected", reason)
    assert len(answer.json["detail"]) > 20
    assert kept(database) == 0


def test_a_replay_after_the_tolerance_is_rejected_when_new_and_a_duplicate_when_known(client, database):
    old = int(time.time()) - 400

    fresh = post(client, a_body(), at=old)
    post(client, a_body())
    known = post(client, a_body(), at=old)

    assert (fresh.status_code, fresh.json["reason"]) == (401, "timestamp-too-old")
    assert (known.status_code, known.json) == (200, {"status": "duplicate"})
    assert kept(database) == 1


def test_a_database_that_cannot_commit_gives_503_with_retry_after_and_loses_nothing(client, database):
    stranger = sqlite3.connect(database, isolation_level=None)
    stranger.execute("BEGIN EXCLUSIVE")

    refused = post(client, a_body())
    stranger.execute("ROLLBACK")
    again = post(client, a_body())

    assert (refused.status_code, refused.json["status"], refused.headers["Retry-After"]) == (503, "unavailable", "5")
    assert again.json == {"status": "stored"}


header_text = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=80)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300), header_text, header_text, st.booleans())
def test_no_input_gives_a_500(client, body, timestamp, signature, authentic):
    headers = {"X-InboundFlow-Timestamp": timestamp, "X-InboundFlow-Signature": signature}

    answer = client.post(PATH, data=body, headers=signed(body) if authentic else headers)

    assert answer.status_code == 200 if authentic else answer.status_code == 401


@pytest.mark.parametrize("header", ["X-InboundFlow-Signature", "X-InboundFlow-Timestamp"])
def test_a_header_of_the_signature_that_is_sent_twice_is_refused(client, header):
    headers = signed(a_body())

    answer = client.post(PATH, data=a_body(), headers=[*headers.items(), (header, headers[header])])

    assert answer.status_code == 401
