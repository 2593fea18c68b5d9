import base64
import hashlib
import hmac

import pytest

from handlers.forward import forward
from mock_sender.sign import sign
from receiver import registry
from receiver.errors import GiveUp
from tests.tools import a_run, completed


def env_at(world, **changes):
    host = world.url.removeprefix("http://")
    return {
        "FORWARD_URL": f"{world.url}/forward/hook",
        "FORWARD_ALLOW_HOSTS": host,
        "FORWARD_SIGNING_SECRET": "s3cret",
    } | changes


def run_at(world, event, **changes):
    return a_run("forward.forward", env_at(world, **changes), event)


def test_the_signed_bytes_arrive_unchanged_under_a_signature_of_the_targets_own(world):
    run = run_at(world, completed())

    outcome = forward(completed(), run)

    [received] = world.forward.received
    headers, body = received["headers"], received["body"]
    timestamp = headers["x-inboundflow-timestamp"]
    standard = hmac.new(b"s3cret", f"d-1.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    assert (outcome, body.encode()) == ("200", run.delivery.body)
    assert headers["x-inboundflow-signature"] == sign("s3cret", timestamp, body.encode())
    assert (headers["x-inboundflow-event"], headers["x-inboundflow-delivery-id"]) == ("call.completed", "d-1")
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("d-1", timestamp)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(standard).decode()


def test_without_a_secret_the_signature_headers_are_left_out(world):
    forward(completed(), run_at(world, completed(), FORWARD_SIGNING_SECRET=""))

    headers = world.forward.received[0]["headers"]
    assert {"x-inboundflow-signature", "webhook-signature"} & headers.keys() == set()


def activation(**env):
    return registry.load("handlers")["forward.forward"].activate(env)


def test_each_url_is_a_target_with_its_own_secret():
    found = activation(FORWARD_URL="https://a.example https://b.example/x", FORWARD_SIGNING_SECRET="one two").targets

    assert [(target["url"], target["secret"]) for target in found.values()] == [
        ("https://a.example", "one"),
        ("https://b.example/x", "two"),
    ]
    assert all(len(name) == 8 for name in found)


MISCONFIGURED = [
    {"FORWARD_URL": "https://a.example https://b.example", "FORWARD_SIGNING_SECRET": "one"},
    {"FORWARD_URL": "http://a.example"},
    {"FORWARD_URL": "https://user:pass@a.example"},
    {"FORWARD_URL": "a.example"},
]


@pytest.mark.parametrize("env", MISCONFIGURED)
def test_what_makes_no_sense_is_misconfigured_and_says_why_without_the_url(env):
    activation = registry.load("handlers")["forward.forward"].activate(env)

    assert activation.state == "misconfigured"
    assert "FORWARD_URL" in activation.why
    assert "a.example" not in activation.why


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "10.0.0.1",
        "[64:ff9b::7f00:1]",
    ],
)
def test_a_private_address_is_refused_however_it_is_written(world, host):
    run = run_at(world, completed(), FORWARD_URL=f"https://{host}:9/x")

    with pytest.raises(GiveUp, match="FORWARD_ALLOW_HOSTS"):
        forward(completed(), run)
