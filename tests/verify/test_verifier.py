import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from mock_sender.sign import sign
from receiver.errors import RejectedRequest, SignatureMismatch
from receiver.sources import Source
from receiver.verify import Verifier
from receiver.verify.budget import IN_HAND_BYTES, REFILL_BYTES_S, Budget
from receiver.verify.verifier import RESERIALISED_BYTES
from tests.support.processes import CHECKOUT
from tests.verify.vectors import with_stripe

NOW = 1_772_000_000
SECRET = "s3cret"
BODY = b'{"event":"call.completed","delivery_id":"d-1","data":{"call_id":"c-1","caller_phone":"+15550100"}}'
SPACED = json.dumps(json.loads(BODY), indent=2).encode()
VECTORS = json.loads((CHECKOUT / "tests" / "vectors.json").read_text())


def a_verifier(**changes):
    secrets = changes.pop("secrets", (SECRET.encode(),))
    return Verifier(Source(secrets=secrets), **{"now": lambda: NOW} | changes)


def headers(signed=BODY, *, at=NOW, secret=SECRET, **others):
    found = {"X-InboundFlow-Timestamp": str(at), "X-InboundFlow-Signature": sign(secret, at, signed)}
    return Headers(found | {name.replace("_", "-"): value for name, value in others.items()})


def read(body=BODY, verifier=None, **options):
    return (verifier or a_verifier()).read(headers(**options), body)


def reason(function, *arguments, **options):
    try:
        return function(*arguments, **options).stale
    except RejectedRequest as error:
        return error.reason


@pytest.mark.parametrize("row", VECTORS["signatures"], ids=lambda row: row["made_with"][:6])
def test_what_others_signed_is_authentic_and_the_mock_sender_signs_the_same(row):
    verifier = Verifier(Source(secrets=(row["secret"].encode(),)), now=lambda: int(row["timestamp"]))
    sent = Headers({"X-InboundFlow-Timestamp": row["timestamp"], "X-InboundFlow-Signature": row["signature"]})

    delivery = verifier.read(sent, row["body"].encode())

    assert delivery.body == row["body"].encode()
    assert sign(row["secret"], row["timestamp"], row["body"].encode()) == row["signature"]


def test_the_rows_signed_with_stripe_are_what_stripe_signs():
    rows = [row for row in VECTORS["signatures"] if row["made_with"] == "stripe"]

    signatures = [f"sha256={with_stripe(row['secret'], row['timestamp'], row['body'])}" for row in rows]

    assert rows
    assert signatures == [row["signature"] for row in rows]


def test_a_source_is_checked_by_its_own_secrets_and_tolerance_and_its_deliveries_carry_its_name():
    source = Source(name="garage", secrets=(b"its own",), tolerance_s=10)
    verifier = Verifier(source, now=lambda: NOW)

    delivery = read(verifier=verifier, secret="its own", at=NOW - 10)

    assert (delivery.source, delivery.stale) == ("garage", None)
    assert read(verifier=verifier, secret="its own", at=NOW - 11).stale.reason == "timestamp-too-old"
    assert reason(read, verifier=verifier) == "signature-mismatch"


def test_a_delivery_is_read_from_its_signed_body():
    delivery = read(X_InboundFlow_Event="lead.created", X_InboundFlow_Delivery_Id="other", User_Agent="InboundFlow")

    assert (delivery.key, delivery.event, delivery.call_id, delivery.caller_phone) == (
        "d-1", "call.completed", "c-1", "+15550100",
    )  # fmt: skip
    assert delivery.problems == ("event-header-differs", "delivery-id-header-differs")
    assert delivery.headers["user_agent"] == "InboundFlow"
    assert not [value for value in delivery.headers.values() if "sha256" in value]


S = sign(SECRET, NOW, BODY)
ODD_SIGNATURES = [None, "", "sha256=", S[7:], "sha256=" + S[7:].upper(), "SHA256=" + S[7:], S + "0", S[:-1], f"{S},{S}", f" {S} x", "sha1=" + S[7:], "sha256=" + "é" * 64, "sha256=" + "٣" * 64]  # fmt: skip


@pytest.mark.parametrize("signature", ODD_SIGNATURES)
def test_a_signature_of_another_form_is_none(signature):
    sent = headers()
    sent.remove("X-InboundFlow-Signature")
    if signature is not None:
        sent.set("X-InboundFlow-Signature", signature)

    assert reason(a_verifier().read, sent, BODY) == "signature-missing"


ODD_TIMESTAMPS = [None, "", " ", "soon", "-1", "+1772000000", "1772000000.0", "1772000000000", "9" * 400, "0x69", "1,2", f"{NOW},{NOW}", "١٧٧", "1e9", "NaN"]  # fmt: skip


@pytest.mark.parametrize("timestamp", ODD_TIMESTAMPS)
def test_a_timestamp_of_another_form_is_none(timestamp):
    sent = headers()
    sent.remove("X-InboundFlow-Timestamp")
    if timestamp is not None:
        sent.set("X-InboundFlow-Timestamp", timestamp)

    assert reason(a_verifier().read, sent, BODY) == "timestamp-missing"


@pytest.mark.parametrize(
    ("header", "expected"),
    [("X-InboundFlow-Signature", "signature-missing"), ("X-InboundFlow-Timestamp", "timestamp-missing")],
)
def test_a_header_sent_twice_is_none(header, expected):
    sent = headers()
    sent.add(header, sent[header])

    assert reason(a_verifier().read, sent, BODY) == expected


AGES = [
    # seconds from now   not known before
    (0,                  None),
    (-300,               None),
    (300,                None),
    (-301,               "timestamp-too-old"),
    (301,                "timestamp-in-future"),
    (-NOW,               "timestamp-too-old"),
]  # fmt: skip


@pytest.mark.parametrize(("age", "expected"), AGES)
def test_a_signed_delivery_out_of_tolerance_is_stale_and_still_read(age, expected):
    delivery = read(at=NOW + age)

    assert (delivery.key, delivery.stale and delivery.stale.reason) == ("d-1", expected)


def test_both_secrets_are_accepted_and_no_other():
    verifier = a_verifier(secrets=(b"new", b"old"))

    assert [reason(read, verifier=verifier, secret=secret) for secret in ("new", "old", "older")] == [
        None, None, "signature-mismatch",
    ]  # fmt: skip


def test_a_body_sent_with_other_spacing_than_was_signed_is_what_was_signed():
    delivery = read(SPACED, signed=BODY)

    assert (delivery.body, delivery.received_body, delivery.problems) == (BODY, SPACED, ("reserialised",))


@pytest.mark.parametrize(
    ("verifier", "options"),
    [
        (a_verifier(strict_bytes=True), {}),
        (a_verifier(),                  {"at": NOW - 301}),
        (a_verifier(),                  {"secret": "other"}),
    ],
    ids=["strict", "stale", "another secret"],
)  # fmt: skip
def test_a_reserialised_match_must_be_allowed_fresh_and_signed(verifier, options):
    assert reason(read, SPACED, verifier=verifier, signed=BODY, **options) == "signature-mismatch"


def test_a_large_body_is_not_reserialised():
    signed = b'{"x":"' + b"y" * RESERIALISED_BYTES + b'"}'

    assert reason(read, b" " + signed, signed=signed) == "signature-mismatch"
    assert reason(read, signed, signed=signed) is None


def test_mismatches_are_tried_within_a_budget_that_refills_and_matches_cost_nothing():
    clock = [0.0]
    verifier = a_verifier(budget=Budget(lambda: clock[0]))
    forged = b'{"x": "' + b"y" * 250_000 + b'"}'

    large = b'{"x":"' + b"y" * 250_000 + b'"}'
    for _ in range(IN_HAND_BYTES // len(large) + 1):
        assert reason(read, b" " + large, verifier=verifier, signed=large) is None
    for _ in range(IN_HAND_BYTES // len(forged) + 1):
        assert reason(read, forged, verifier=verifier) == "signature-mismatch"
    verifier.budget.charge(len(forged))
    assert reason(read, SPACED, verifier=verifier, signed=BODY) == "signature-mismatch"
    assert reason(read, BODY, verifier=verifier) is None

    clock[0] += 2 * len(forged) / REFILL_BYTES_S
    assert reason(read, SPACED, verifier=verifier, signed=BODY) is None


PACKED = {"gzip": gzip.compress(BODY, mtime=0), "deflate": zlib.compress(BODY)}


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("over", ["packed", "plain"])
def test_a_packed_body_is_verified_as_received_and_then_unpacked(encoding, over):
    packed = PACKED[encoding]

    delivery = read(packed, signed=packed if over == "packed" else BODY, Content_Encoding=encoding)

    assert (delivery.key, delivery.body, delivery.received_body) == ("d-1", BODY, packed)


@pytest.mark.parametrize(
    "body", [gzip.compress(b"0" * 50_000_000, mtime=0), b"\x1f\x8b junk", PACKED["gzip"][:-4], PACKED["gzip"] * 2]
)
def test_a_packed_body_that_cannot_be_unpacked_within_the_limit_is_a_mismatch(body):
    assert reason(read, body, Content_Encoding="gzip") == "signature-mismatch"


def test_an_empty_body_that_was_packed_is_empty():
    packed = gzip.compress(b"", mtime=0)

    bodies = [read(packed, signed=signed, Content_Encoding="gzip").body for signed in (packed, b"")]

    assert bodies == [b"", b""]


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


def test_without_a_secret_everything_is_taken_and_marked():
    delivery = a_verifier(secrets=()).read(Headers(), BODY)

    assert (delivery.key, delivery.problems) == ("d-1", ("unsigned",))


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_no_altered_byte_is_accepted(place, flip):
    altered = bytearray(BODY)
    altered[place] ^= flip

    with pytest.raises(SignatureMismatch):
        read(bytes(altered))


latin1 = st.text(st.characters(max_codepoint=255), max_size=90)


@given(st.binary(max_size=200), latin1, latin1, st.sampled_from(["", "gzip", "deflate", "br", "é"]), st.booleans())
def test_no_input_raises_anything_but_a_rejection(body, timestamp, signature, encoding, is_signed):
    sent = Headers(
        {"X-InboundFlow-Timestamp": timestamp.replace("\r", "").replace("\n", ""), "Content-Encoding": encoding}
    )
    sent.set("X-InboundFlow-Signature", signature.replace("\r", "").replace("\n", ""))
    if is_signed:
        sent.set("X-InboundFlow-Timestamp", str(NOW))
        sent.set("X-InboundFlow-Signature", sign(SECRET, NOW, body))

    assert isinstance(reason(a_verifier().read, sent, body), str | None)
