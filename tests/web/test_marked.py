"""Every answer to a request with InboundFlow's mark is noted, whichever part wrote it."""

import json

import pytest
from flask import Flask

from mock_sender import payloads
from mock_sender.sender import headers
from receiver import settings
from receiver.app.build import create_app
from receiver.errors import NotStored
from receiver.inbox import is_marked
from receiver.web import note_answers
from tests.support.web import SECRET

BODY = json.dumps({"delivery_id": "d-1", "organization_id": "ours", "event": "call.completed", "data": {}}).encode()
PAYLOAD = payloads.Payload("call.completed", "d-1", BODY)
PATH = "/webhooks/inboundflow"


def marked(secret=SECRET, timestamp=None, **changes):
    import time

    return headers(PAYLOAD, secret, timestamp or int(time.time())) | changes


class Notes(list):
    note = list.append


@pytest.fixture
def noted(app_env):
    """A client of the receiver's, and what it notes."""
    app = create_app(settings.read(app_env))
    notes = Notes()
    note_answers(app, notes)
    return app.test_client(), notes


ANSWERS = [
    # path          marked otherwise                 the reason     with the body
    (PATH,          {},                              "",                     False),
    (PATH,          {"secret": "another"},           "signature-mismatch",   True),
    (PATH,          {"secret": ""},                  "signature-missing",    True),
    (PATH,          {"timestamp": 1_700_000_000},    "timestamp-too-old",    True),
    (PATH + "/x",   {},                              "not-found",            False),
    ("/healthz",    {},                              "method-not-allowed",   False),
]  # fmt: skip


@pytest.mark.parametrize(("path", "sent", "reason", "with_body"), ANSWERS, ids=[row[2] or "stored" for row in ANSWERS])
def test_what_was_answered_to_inboundflow_is_noted(noted, path, sent, reason, with_body):
    client, notes = noted

    client.post(path, data=BODY, headers=marked(**sent))  # signed now: whoever collects tests may be long at it

    assert [(note.reason, note.body) for note in notes] == [(reason, BODY if with_body else None)]
    assert notes[0].organization_id == (None if reason else "ours")


def test_of_a_refusal_the_signature_is_noted_too_as_it_is_verified_again(noted):
    client, notes = noted
    sent = marked("another")

    client.post(PATH, data=BODY, headers=sent)

    assert notes[0].headers == sent


def test_a_large_body_is_not_held(noted):
    client, notes = noted

    client.post(PATH, data=BODY.ljust(64 * 1024 + 1), headers=marked())

    assert [(note.reason, note.body) for note in notes] == [("signature-mismatch", None)]


LINE = [
    # what is changed                                is InboundFlow's
    ({},                                             True),
    ({"User-Agent": "InboundFlow-Webhook/2.7"},      True),
    ({"X-InboundFlow-Timestamp": "1700000000123"},   True),   # in milliseconds
    ({"X-InboundFlow-Signature": ""},                True),   # no secret is set there
    ({"User-Agent": "curl/8.5"},                     False),
    ({"User-Agent": "inboundflow"},                  False),
    ({"X-InboundFlow-Event": ""},                    False),
    ({"X-InboundFlow-Delivery-Id": ""},              False),
    ({"X-InboundFlow-Timestamp": "yesterday"},       False),
    ({"X-InboundFlow-Timestamp": ""},                False),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "is_theirs"), LINE)
def test_where_the_line_is_between_inboundflow_and_a_stranger(noted, changes, is_theirs):
    client, notes = noted
    sent = marked("another", **changes)

    client.post(PATH, data=BODY, headers=sent)

    assert (is_marked(sent.get), len(notes)) == (is_theirs, int(is_theirs))


def test_a_503_of_ours_is_noted_with_the_body():
    app, notes = Flask("test"), Notes()
    note_answers(app, notes)

    @app.post("/x")
    def fail():
        from flask import g

        g.body = BODY
        return NotStored().answer(), 503

    app.test_client().post("/x", headers=marked())

    assert [(note.reason, note.body) for note in notes] == [("not-stored", BODY)]
