import json

import pytest
from werkzeug.datastructures import Headers

from mock_sender.sign import sign
from receiver.sources import Source
from receiver.verify import Verifier
from tests.support.processes import CHECKOUT
from tests.verify.test_verifier import BODY, NOW, SECRET, a_verifier, headers, reason
from tests.verify.vectors import with_stripe

VECTORS = json.loads((CHECKOUT / "tests" / "vectors.json").read_text())


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
    sent[header] = f"{sent[header]},{sent[header]}"  # as it arrives by WSGI

    assert reason(a_verifier().read, sent, BODY) == expected
