import json

import pytest

from mock_sender.sign import sign
from tests.mock_sender.trouble.plans import NOW, the_request


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
