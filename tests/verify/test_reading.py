import json

import pytest

from tests.verify.test_verifier import read


def test_a_delivery_is_read_from_its_signed_body():
    delivery = read(X_InboundFlow_Event="lead.created", X_InboundFlow_Delivery_Id="other", User_Agent="InboundFlow")

    assert (delivery.key, delivery.event, delivery.call_id, delivery.caller_phone) == (
        "d-1", "call.completed", "c-1", "+15550100",
    )  # fmt: skip
    assert delivery.problems == ("event-header-differs", "delivery-id-header-differs")
    assert delivery.headers["user_agent"] == "InboundFlow"
    assert not [value for value in delivery.headers.values() if "sha256" in value]


ODDITIES = [
    # signed body                                                       key                 problems
    (b"not json",                                                       None,               ("not-a-json-object", "no-delivery-id")),
    (b"[1]",                                                            None,               ("not-a-json-object", "no-delivery-id")),
    (b"\xff",                                                           None,               ("not-a-json-object", "no-delivery-id")),
    (b'{"delivery_id":"x","event":"lead.created"}',                     "x",                ("data-not-an-object",)),
    (b'{"delivery_id":7,"event":"lead.created","data":{}}',             None,               ("no-delivery-id",)),
    (b'{"delivery_id":"","event":"lead.created","data":{}}',            None,               ("no-delivery-id",)),
    (b'{"delivery_id":"a\\u0000","event":"lead.created","data":{}}',    None,               ("no-delivery-id",)),
    (b'{"delivery_id":"\\ud800","event":"lead.created","data":{}}',     None,               ("no-delivery-id",)),
    (b'{"delivery_id":"x","event":"lead.exploded","data":{}}',          "x",                ("unknown-event",)),
    (b'{"delivery_id":"x","event":["lead.created"],"data":{}}',         "x",                ("unknown-event",)),
]  # fmt: skip


@pytest.mark.parametrize(("body", "key", "problems"), ODDITIES)
def test_an_odd_payload_is_read_and_marked(body, key, problems):
    delivery = read(body, signed=body)

    assert delivery.problems == problems
    assert delivery.key == key or (key is None and delivery.key.startswith("sha256:"))


@pytest.mark.parametrize("call", ["", "  ", "\n\u200b", "\x00", "\ud800", None, 5, [], {}])
def test_a_call_without_a_name_is_none(call):
    body = json.dumps({"data": {"call_id": call}}).encode()

    assert read(body, signed=body).call_id is None


def test_calls_whose_ids_a_column_cannot_hold_stay_apart():
    calls = ["x" * 200, "x" * 200 + "a", "x" * 200 + "b", "c\x00-1", "c\ud800-1", "c\ufffd-1"]
    bodies = [json.dumps({"data": {"call_id": call}}).encode() for call in calls]

    columns = [read(body, signed=body).call_id for body in bodies]

    assert (columns[0], columns[-1]) == (calls[0], calls[-1])
    assert (len(set(columns)), max(map(len, columns))) == (len(calls), 200)


def test_columns_are_cut_and_cleaned():
    body = json.dumps(
        {"event": "e" * 999, "organization_id": "\x00\ud800", "data": {"call_id": 5, "caller_phone": "+1"}}
    ).encode()

    delivery = read(body, signed=body)

    assert (len(delivery.event), delivery.organization_id, delivery.call_id, delivery.caller_phone) == (
        200, "\ufffd\ufffd", None, "+1",
    )  # fmt: skip
