import json
from contextlib import suppress

import pytest

from receiver.errors import GiveUp
from receiver.events import Delivery, read_event
from receiver.toolkit.envelope import envelope

RECEIVED_US = 1_772_000_000_123_456


def made(data='{"call_id": "c-1"}', *, body=None, key="d-1", event="call.completed"):
    head = '"delivery_id": "d-1", "event": "call.completed", "organization_id": "org-1", "timestamp": "2026-02-25"'
    body = body if body is not None else f'{{{head}, "data": {data}}}'.encode()
    delivery = Delivery(key=key, event=event, body=body, received_us=RECEIVED_US)
    return envelope(read_event(delivery), delivery)


def no_constants(name):
    raise AssertionError(f"{name} is not JSON")


def read(content):
    """As a strict reader would."""
    return json.loads(content.decode(), parse_constant=no_constants)


def test_every_plain_field_stands_flat_beside_the_data():
    data = {"call_id": "c-1", "caller_name": "Ada", "duration_seconds": 55, "score": 0.5, "vip": True, "note": None}

    fields = read(made(json.dumps(data | {"tags": ["a"], "more": {"x": 1}})))

    assert fields == data | {
        "delivery_id": "d-1", "event": "call.completed", "call_id": "c-1", "organization_id": "org-1",
        "timestamp": "2026-02-25", "received_at": "2026-02-25T06:13:20.123+00:00",
        "data": data | {"tags": ["a"], "more": {"x": 1}},
    }  # fmt: skip


def test_a_field_that_is_called_like_one_of_the_envelopes_stands_in_the_data_alone():
    names = ("delivery_id", "event", "call_id", "organization_id", "timestamp", "received_at", "data")

    fields = read(made(json.dumps(dict.fromkeys(names, "forged"))))

    assert [fields[name] for name in names[:3]] == ["d-1", "call.completed", "forged"]
    assert [fields[name] for name in names[3:5]] == ["org-1", "2026-02-25"]
    assert fields["received_at"] != "forged"
    assert fields["data"] == dict.fromkeys(names, "forged")


def test_a_repeat_is_the_same_bytes():
    assert made('{"b": 1, "a": {"d": 1, "c": 2}}') == made('{"b": 1, "a": {"d": 1, "c": 2}}')


ODD = [
    ('{"x": "\\ud83d"}', "\ud83d"),
    ('{"x": "a\\u0000b"}', "a\x00b"),
    ('{"x": "\\ud83d\\ude00 María ‮"}', "😀 María ‮"),
    ('{"x": 1e999}', None),
    ('{"x": NaN}', None),
    ('{"x": -Infinity}', None),
    (f'{{"x": {"9" * 5000}}}', None),
    ('{"x": 12345678901234567890}', 12345678901234567890),
    (f'{{"x": "{"y" * 50_000}"}}', "y" * 50_000),
    ('{"x": "=1+1 <!everyone> *bold*"}', "=1+1 <!everyone> *bold*"),
]


@pytest.mark.parametrize(("data", "value"), ODD, ids=lambda value: str(value)[:12].encode("ascii", "replace").decode())
def test_whatever_a_caller_said_arrives_as_json(data, value):
    fields = read(made(data))

    assert (fields["x"], fields["data"]["x"]) == (value, value)


@pytest.mark.parametrize("body", [b"", b"no json", b"[1]", b"\xff\xfe", b"{}", b'"text"', b"[" * 50_000])
def test_a_body_without_data_has_an_envelope_all_the_same(body):
    fields = read(made(body=body, event="odd"))

    assert (fields["delivery_id"], fields["event"], fields["data"]) == ("d-1", "odd", {})


def test_data_that_is_no_object_is_passed_on():
    assert read(made("[1, 2]"))["data"] == [1, 2]


@pytest.mark.parametrize("depth", [100, 900, 950, 990, 1000, 5000, 20_000])
def test_data_that_is_nested_deeply_is_sent_or_refused_with_a_sentence(depth):
    with suppress(GiveUp):  # which recursion is too deep is Python's to say
        assert read(made('{"x": ' + "[" * depth + "]" * depth + "}"))["delivery_id"] == "d-1"
