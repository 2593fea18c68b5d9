"""Signatures, verified by code that others wrote: the stripe package, and Node running what the documentation shows."""

import base64
import json
import random
import shutil
import subprocess

import pytest
import stripe

from mock_sender import payloads, trouble
from tests.support.tools import lacking

SECRET = "whsec_test ñ"
SCRIPT = """
const crypto = require('crypto');
function verify(body, signature, timestamp, secret) {
  const expected = 'sha256=' + crypto.createHmac('sha256', secret)
    .update(`${timestamp}.${JSON.stringify(body)}`).digest('hex');
  return signature.length === expected.length
    && crypto.timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
}
const said = require('fs').readFileSync(0, 'utf8').trim().split('\\n').map(JSON.parse).map(
  ({ body, signature, timestamp, secret }) =>
    verify(JSON.parse(Buffer.from(body, 'base64').toString()), signature, timestamp, secret));
console.log(JSON.stringify(said));
"""
READABLE = [name for name, one in trouble.TROUBLES.items() if one.authentic and not one.order and name != "gzip"]
SIGNED_BYTES = {"not-json", "not-utf8", "empty"}  # the documentation's code parses first


def sent(*names):
    rng = random.Random(3)
    made = [one for _ in range(5) for one in payloads.call(rng)]
    plan = trouble.plan(made, url="http://127.0.0.1:1/", secret=SECRET, previous_secret=SECRET, names=names, seed=4)
    return [request for each in plan.rounds for request in each.requests]


def header(request, name):
    return next(value for had, value in request.headers if had.lower() == name.lower())


def test_stripe_verifies_what_the_mock_sender_signs():
    for request in sent():
        timestamp = header(request, "X-InboundFlow-Timestamp")
        digest = header(request, "X-InboundFlow-Signature").removeprefix("sha256=")

        stripe.WebhookSignature.verify_header(
            request.body.decode(), f"t={timestamp},v1={digest}", SECRET, tolerance=300
        )


def test_stripe_refuses_one_that_is_wrong():
    [request, *_] = sent()
    timestamp = header(request, "X-InboundFlow-Timestamp")

    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(request.body.decode(), f"t={timestamp},v1={'0' * 64}", SECRET)


def says_node(requests):
    if not shutil.which("node"):
        lacking("node, to run the documentation's own verifier")
    lines = [
        json.dumps(
            {
                "body": base64.b64encode(request.body).decode(),
                "signature": header(request, "X-InboundFlow-Signature"),
                "timestamp": header(request, "X-InboundFlow-Timestamp"),
                "secret": SECRET,
            }
        )
        for request in requests
    ]
    ran = subprocess.run(["node", "-e", SCRIPT], input="\n".join(lines).encode(), capture_output=True, check=True)
    return json.loads(ran.stdout)


@pytest.mark.parametrize("name", sorted(set(READABLE) - SIGNED_BYTES))
def test_the_documentations_own_code_accepts_every_authentic_delivery(name):
    requests = sent(name)

    assert says_node(requests) == [True] * len(requests)


@pytest.mark.parametrize("name", ["wrong-signature", "other-secret", "body-only-signature", "altered-timestamp"])
def test_the_documentations_own_code_accepts_no_forgery(name):
    assert not any(says_node(sent(name)))
