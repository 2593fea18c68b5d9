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

NOW = 1_772_000_000
SECRET = "s3cret"
BODY = b'{"event":"call.completed","delivery_id":"d-1","data":{"call_id":"c-1","caller_phone":"+15550100"}}'
SPACED = json.dumps(json.loads(BODY), indent=2).encode()


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


def test_a_source_is_checked_by_its_own_secrets_and_tolerance_and_its_deliveries_carry_its_name():
    source = Source(name="garage", secrets=(b"its own",), tolerance_s=10)
    verifier = Verifier(source, now=lambda: NOW)

    delivery = read(verifier=verifier, secret="its own", at=NOW - 10)

    assert (delivery.source, delivery.stale) == ("garage", None)
    assert read(verifier=verifier, secret="its own", at=NOW - 11).stale.reason == "timestamp-too-old"
    assert reason(read, verifier=verifier) == "signature-mismatch"


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
