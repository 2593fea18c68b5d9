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


def test_columns_are_cut_and_cleaned():
    body = json.dumps(
        {"event": "e" * 999, "organization_id": "\x00\ud800", "data": {"call_id": 5, "caller_phone": "+1"}}
    ).encode()

    delivery = read(body, signed=body)

    assert (len(delivery.event), delivery.organization_id, delivery.call_id, delivery.caller_phone) == (
        200, "\ufffd\ufffd", None, "+1",
    )  # fmt: skip
