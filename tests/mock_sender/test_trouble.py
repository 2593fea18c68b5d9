"""Trouble on demand: judged by the receiver's verifier, which was written without it."""

import pytest

from mock_sender.trouble import TROUBLES
from tests.mock_sender.trouble.plans import a_plan, the_request, verdict

EVERY = sorted(TROUBLES)
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


def test_troubles_can_be_put_together():
    request = the_request("emoji", "gzip", "lower-case-headers", "chunked")

    assert verdict(request) == ""
    assert dict(request.headers)["content-encoding"] == "gzip"
    assert request.chunk_bytes
