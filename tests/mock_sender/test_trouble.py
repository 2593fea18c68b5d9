"""Trouble on demand: judged by the receiver's verifier, which was written without it."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from werkzeug.datastructures import Headers

from mock_sender import payloads, trouble
from mock_sender.sign import sign
from mock_sender.trouble import TROUBLES
from receiver.errors import RejectedRequest
from receiver.sources import Source
from receiver.verify import Verifier
from tests.support.sender import a_receiver, say

NOW = 1_772_000_000
AT = datetime.fromtimestamp(NOW, UTC)
EVERY = sorted(TROUBLES)


def a_plan(*names, seed=1, number=1, url="http://127.0.0.1:9/"):
    wanted = [payloads.sample(random.Random(n), "call.completed", AT) for n in range(number)]
    return trouble.plan(wanted, url=url, secret="new", previous_secret="old", names=names, seed=seed, timestamp=NOW)


def the_request(*names, seed=1):
    return a_plan(*names, seed=seed).rounds[0].requests[0]


def verdict(request):
    """What the receiver makes of it: "" where it is authentic."""
    verifier = Verifier(Source(secrets=(b"new", b"old")), now=lambda: NOW)
    try:
        stale = verifier.read(Headers(request.headers), request.body).stale
    except RejectedRequest as error:
        return error.reason
    return stale.reason if stale else ""


FORGED = {
    "no-signature": "signature-missing",
    "wrong-signature": "signature-mismatch",
    "empty-signature": "signature-missing",
    "short-signature": "signature-missing",
    "other-secret": "signature-mismatch",
    "body-only-signature": "signature-mismatch",
    "altered-body": "signature-mismatch",
    "altered-timestamp": "signature-mismatch",
    "stale": "timestamp-too-old",
    "future": "timestamp-in-future",
    "milliseconds": "timestamp-missing",
    "text-timestamp": "timestamp-missing",
    "no-timestamp": "timestamp-missing",
}


@pytest.mark.parametrize("name", EVERY)
def test_a_receiver_takes_what_is_authentic_and_nothing_else(name):
    assert verdict(the_request(name)) == FORGED.get(name, "")
    assert TROUBLES[name].authentic == (name not in FORGED and name != "cut")


@pytest.mark.parametrize("name", EVERY)
def test_the_same_seed_makes_the_same_trouble(name):
    first, second = a_plan(name, number=3), a_plan(name, number=3)

    assert first == second


def test_another_seed_alters_another_byte():
    bodies = {the_request("altered-body", seed=seed).body for seed in range(8)}

    assert len(bodies) > 4


def data(*names):
    return json.loads(the_request(*names).body)["data"]


def test_each_trouble_of_the_body_is_what_it_says():
    plain = json.loads(the_request().body)

    assert json.loads(the_request("unknown-event").body)["event"] == "call.voicemail"
    assert set(data("missing-fields")) < set(plain["data"])
    assert set(data("null-fields").values()) == {None}
    assert set(data("extra-fields")) > set(plain["data"])
    assert {type(value) for value in data("wrong-types").values()} == {dict, list, int, str, bool, float}
    assert len(data("transcript")["transcript"]) == 200_000
    assert "👩🏽‍⚕️" in data("emoji")["caller_name"]
    assert "\u202e" in data("right-to-left")["summary"]
    assert "\x00" in data("nul")["caller_name"]
    assert b"\\ud83d" in the_request("lone-surrogate").body
    assert "delivery_id" not in json.loads(the_request("no-delivery-id").body)
    assert json.loads(the_request("old-event").body)["timestamp"].startswith("2024")
    assert list(data("integer-keys"))[:2] == ["2", "10"]
    assert b"\n  " in the_request("json-spacing").body
    assert the_request("unicode-escapes").body.isascii()
    assert the_request("empty").body == b""


@pytest.mark.parametrize("name", ["json-spacing", "unicode-escapes"])
def test_what_is_written_otherwise_is_signed_as_the_documentation_does(name):
    """Over JSON.stringify of what was parsed, so not over the bytes on the wire."""
    plain, written = the_request("emoji"), the_request("emoji", name)

    assert written.body != plain.body
    assert json.loads(written.body) == json.loads(plain.body)
    assert written.headers == plain.headers
    assert dict(plain.headers)["X-InboundFlow-Signature"] == sign("new", NOW, plain.body)


def test_an_unknown_event_is_in_the_header_too():
    assert dict(the_request("unknown-event").headers)["X-InboundFlow-Event"] == "call.voicemail"


def test_troubles_can_be_put_together():
    request = the_request("emoji", "gzip", "lower-case-headers", "chunked")

    assert verdict(request) == ""
    assert dict(request.headers)["content-encoding"] == "gzip"
    assert request.chunk_bytes


def shape(*names, number=4):
    return [[one.body for one in each.requests] for each in a_plan(*names, number=number).rounds]


def test_each_trouble_of_the_order_is_what_it_says():
    a, b, c, d = (one[0] for one in shape())

    assert shape("duplicate", number=2) == [[a], [a], [b], [b]]
    assert shape("duplicate-at-once", number=1) == [[a] * 10]
    assert sorted(shape("reordered")) == sorted([[a], [b], [c], [d]])
    assert shape("reordered") != [[a], [b], [c], [d]]
    assert shape("replayed")[:4] == [[a], [b], [c], [d]]
    assert len(shape("replayed")) > 4
    assert shape("together") == [[a, b, c, d]]
    assert a_plan("pipelined").rounds[0].one_connection
    assert all(0 <= one.after_s <= 3 for one in a_plan("delayed", number=4).rounds)


def test_what_was_planned_is_sent():
    with a_receiver(say(200)) as receiver:
        planned = a_plan("emoji", "duplicate-at-once", url=receiver.url)
        answers = trouble.play(planned.rounds)

    assert [[one.status for one in each] for each in answers] == [[200] * 10]
    assert {body for _, body in receiver.seen} == {planned.rounds[0].requests[0].body}


def test_a_cut_delivery_never_arrives_whole():
    whole = len(the_request().raw())

    cuts = {the_request("cut", seed=seed).cut_at for seed in range(20)}

    assert len(cuts) > 10
    assert all(0 < at < whole for at in cuts)
    assert replace(the_request("cut"), cut_at=None) == the_request()
