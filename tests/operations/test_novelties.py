"""What is new in a body, by kind alone."""

import json

import pytest

from receiver.operations.novelties import FIELDS_READ, UNNAMED, Novelty, novelties

DOCUMENTED = {
    "call.completed": {"call_id": "c-1", "caller_phone": "+1234567890", "duration_seconds": 55, "summary": "Brakes"},
    "lead.created": {"call_id": "c-1", "caller_email": "ada@example.com", "interest": "Whitening"},
}


def new_in(data, event="call.completed", **envelope):
    document = {"event": event, "delivery_id": "d-1", "timestamp": "2026-02-24T21:00:00.000Z", "data": data} | envelope
    return list(novelties(event, json.dumps(document).encode()))


@pytest.mark.parametrize("event", DOCUMENTED)
def test_what_is_documented_is_not_new(event):
    assert new_in(DOCUMENTED[event], event) == []


def test_null_says_nothing():
    assert new_in({"caller_phone": None, "sentiment": None}) == []


VALUES = [
    # value                                    its type         its example
    ("Ana Ruiz called about a crown",          "text",          "up to 30 characters"),
    ("x" * 20_000,                             "text",          "over 10,000 characters"),
    ("",                                       "text",          "empty"),
    ("2026-02-24T20:59:00Z",                   "text",          "a time, 2026-…"),
    ("1975-11-12",                             "text",          "a day, 2026-…"),
    ("https://example.com/ana-ruiz",           "text",          "a link, https://…"),
    ("ana.ruiz@example.com",                   "text",          "an e-mail address, …@…"),
    ("+1 (815) 426-4329",                      "text",          "a number as text, +…"),
    ("0b54bb55-8b3c-4a44-9c0b-3cf8d2b0a001",   "text",          "an id, …-…"),
    (8154264329,                               "whole number",  "10 digits"),
    (10**400,                                  "whole number",  "16 digits"),
    (0.25,                                     "number",        "with a decimal point"),
    (True,                                     "boolean",       "true or false"),
    ([{"name": "Ana"}],                        "list",          "1 in it"),
    ({"name": "Ana", "phone": "+15550100"},    "object",        "2 in it"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "kind", "example"), VALUES)
def test_a_value_is_known_by_its_kind_alone(value, kind, example):
    assert new_in({"sentiment": value}) == [Novelty("call.completed", "sentiment", kind, example)]


def test_a_transcript_is_new_as_no_sample_of_the_documentation_has_one():
    assert [novelty.field for novelty in new_in({"transcript": "Hello"})] == ["transcript"]


def test_a_documented_field_of_another_type_is_new():
    assert new_in({"duration_seconds": "55"}) == [
        Novelty("call.completed", "duration_seconds", "text", "up to 10 characters")
    ]


def test_a_new_event_and_what_is_new_in_the_envelope_are_told():
    assert new_in({"call_id": "c"}, "call.missed", version=2) == [
        Novelty("call.missed", "", "event", ""),
        Novelty("call.missed", "envelope.version", "whole number", "1 digit"),
    ]


@pytest.mark.parametrize("name", ["Ana Ruiz", "+15550100", "caller_15550100", "ána", "x" * 61, "", "a\nb"])
def test_a_name_that_may_be_somebodys_is_not_kept(name):
    assert [novelty.field for novelty in new_in({name: 1})] == [UNNAMED]
    assert new_in({}, name)[0].event == UNNAMED


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b'{"data": []}', b"[" * 100_000])
def test_what_cannot_be_read_is_nothing_new(body):
    assert list(novelties("call.completed", body)) == []


def test_of_a_body_with_very_many_fields_some_are_read():
    assert len(new_in({f"f{chr(97 + n % 26)}{n % 9999}": n for n in range(9000)})) == FIELDS_READ
