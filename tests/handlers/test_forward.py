import base64
import hashlib
import hmac
import re
import ssl
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import formatdate

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook, WebhookVerificationError

from handlers.forward import forward
from mock_sender.sign import sign
from receiver import registry
from receiver.errors import LeaseLost, RetryLater
from receiver.toolkit import post_signed
from receiver.toolkit.connections import PRIVATE_TRIES, GuardedBackend
from tests.support.forwarding import HOSTILE, assert_end, end_of, second_receiver, serving
from tests.support.processes import free_port, until
from tests.support.tools import a_run, booked, completed, lead


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


KEYS = [f"whsec_{base64.b64encode(key).decode()}" for key in (b"the new key of the target", b"the one before it")]


@pytest.mark.parametrize("known", KEYS)
def test_while_secrets_change_a_target_that_knows_one_of_them_takes_it(tmp_path, world, known):
    """With InboundFlow's signature, checked by another receiver, and with a library of Standard Webhooks."""
    secrets = dict(zip(("FORWARD_SIGNING_SECRET", "FORWARD_SIGNING_SECRET_PREVIOUS"), KEYS, strict=True))

    with second_receiver(tmp_path, known) as env:
        outcome = forward(completed(), a_run("forward.forward", env | secrets, completed()))
    forward(completed(), run_at(world, completed(), **secrets))

    [received] = world.forward.received
    assert outcome == "200"
    assert Webhook(known).verify(received["body"], received["headers"])


def test_a_target_that_knows_neither_secret_is_asked_with_both_and_refuses(tmp_path):
    secrets = {"FORWARD_SIGNING_SECRET": "new", "FORWARD_SIGNING_SECRET_PREVIOUS": "old"}

    with second_receiver(tmp_path, "another") as env, pytest.raises(RetryLater, match="401"):
        forward(completed(), a_run("forward.forward", env | secrets, completed()))


def test_a_secret_that_did_not_change_signs_once(world):
    forward(completed(), run_at(world, completed(), FORWARD_SIGNING_SECRET_PREVIOUS="s3cret"))

    assert world.forward.received[0]["headers"]["webhook-signature"].count("v1,") == 1


def activation(**env):
    return registry.load("handlers")["forward.forward"].activate(env)


def test_each_url_is_a_target_with_its_own_secret():
    targets = activation(FORWARD_URL="https://a.example https://b.example/x", FORWARD_SIGNING_SECRET="one two").targets

    assert [(target["url"], target["secret"]) for target in targets.values()] == [
        ("https://a.example", "one"),
        ("https://b.example/x", "two"),
    ]
    assert all(len(name) == 8 for name in targets)


MISCONFIGURED = [
    {"FORWARD_URL": "https://a.example https://b.example", "FORWARD_SIGNING_SECRET": "one"},
    {"FORWARD_URL": "https://a.example", "FORWARD_SIGNING_SECRET": "one two"},
    {"FORWARD_URL": "https://a.example https://a.example"},
    {"FORWARD_URL": "https://a.example", "FORWARD_SIGNING_SECRET": "whsec_n-o-t*base64"},
    {"FORWARD_URL": "https://a.example", "FORWARD_SIGNING_SECRET": "whsec_"},
    {"FORWARD_URL": "https://a.example", "FORWARD_SIGNING_SECRET_PREVIOUS": "old"},
    {"FORWARD_URL": "https://a.example", "FORWARD_SIGNING_SECRET": "new", "FORWARD_SIGNING_SECRET_PREVIOUS": "a b"},
    {"FORWARD_URL": "http://a.example"},
    {"FORWARD_URL": "https://a.example/hooks/…"},
    {"FORWARD_URL": "https://user:pass@a.example"},
    {"FORWARD_URL": "a.example"},
    {"FORWARD_URL": "https://a.example:99999/"},
]


@pytest.mark.parametrize("env", MISCONFIGURED)
def test_what_makes_no_sense_is_misconfigured_and_says_why_without_the_url(env):
    activated = activation(**env)

    assert activated.state == "misconfigured"
    assert re.search("FORWARD_URL|FORWARD_SIGNING_SECRET", activated.why)
    assert not any(piece in activated.why for piece in ("a.example", "n-o-t"))


def test_nothing_that_came_in_is_passed_on(world):
    run = run_at(world, completed())
    came = {"X-InboundFlow-Signature": "sha256=theirs", "Cookie": "a=b", "User-Agent": "theirs", "event": "theirs"}

    forward(completed(), replace(run, delivery=replace(run.delivery, headers=came)))

    headers = world.forward.received[0]["headers"]
    assert "theirs" not in str(headers)
    assert set(headers) == {
        "host", "accept", "connection", "content-length", "content-type", "user-agent", "accept-encoding",
        "x-inboundflow-event", "x-inboundflow-delivery-id", "x-inboundflow-timestamp", "x-inboundflow-signature",
        "webhook-id", "webhook-timestamp", "webhook-signature",
    }  # fmt: skip


@pytest.mark.parametrize("secret", ["s3cret", "whsec_c2VjcmV0IG9mIHRoZSBzZWNvbmQ="])
def test_a_second_receiver_behind_takes_it_and_knows_a_repeat(tmp_path, secret):
    event = lead(interest=HOSTILE)

    with second_receiver(tmp_path, secret) as env:
        wrong = post_signed(a_run("forward.forward", env | {"FORWARD_SIGNING_SECRET": "another"}, event))
        answers = [post_signed(a_run("forward.forward", env, event, attempt=n)).json()["status"] for n in (1, 2)]
        outcome = forward(event, a_run("forward.forward", env, event))

    assert (wrong.status_code, answers, outcome) == (401, ["stored", "duplicate"], "200")


@pytest.mark.parametrize("secret", ["whsec_c2VjcmV0IG9mIHRoZSBzZWNvbmQ=", "s3cret of any length"])
def test_a_standard_webhooks_library_verifies_it(world, secret):
    env = env_at(world, FORWARD_SIGNING_SECRET=secret.replace(" ", "-"))
    key = secret if secret.startswith("whsec_") else base64.b64encode(secret.replace(" ", "-").encode()).decode()

    forward(booked(), a_run("forward.forward", env, booked()))

    [received] = world.forward.received
    assert Webhook(key).verify(received["body"], received["headers"])["event"] == "appointment.booked"
    with pytest.raises(WebhookVerificationError):
        Webhook(key).verify(received["body"] + " ", received["headers"])


def test_each_attempt_has_a_timestamp_and_a_signature_of_its_own(world):
    run = run_at(world, completed())

    forward(completed(), run)
    until(lambda: int(time.time()) > int(world.forward.received[0]["headers"]["webhook-timestamp"]), what="a second")
    forward(completed(), run)

    first, second = world.forward.received
    assert (first["body"], first["headers"]["webhook-id"]) == (second["body"], second["headers"]["webhook-id"])
    for name in ("x-inboundflow-timestamp", "x-inboundflow-signature", "webhook-signature"):
        assert first["headers"][name] != second["headers"][name]


def in_an_hour_and_a_half():
    return formatdate(time.time() + 5400, usegmt=True)


OUTCOMES = [
    # the URL answers, with     at attempt  the run is    tried again after s, the target's other runs wait for s
    (200, {},                          1, "succeeded"),
    (204, {},                          1, "succeeded"),
    (301, {"Location": "/elsewhere"},  1, "dead"),
    (307, {"Location": "/elsewhere"},  1, "dead"),
    (400, {},                          1, "dead"),
    (404, {},                          1, "retrying", 5),  # a tunnel that is offline, a container being replaced
    (404, {},                          2, "retrying", 40),
    (404, {},                          3, "retrying", 150),
    (404, {},                          4, "retrying", 720),
    (404, {},                          5, "pause"),
    (405, {},                          1, "dead"),
    (413, {},                          1, "dead"),
    (415, {},                          1, "dead"),
    (422, {},                          1, "dead"),
    (401, {},                          1, "retrying", 5),
    (403, {},                          2, "retrying", 30),
    (401, {},                          3, "pause"),
    (403, {},                          3, "pause"),
    (410, {},                          1, "pause"),
    (408, {},                          1, "retrying", 5),
    (423, {},                          2, "retrying", 30),
    (425, {},                          3, "retrying", 120),
    (429, {},                          1, "retrying", 30),
    (429, {"Retry-After": "90"},       1, "retrying", 90, 90),
    (429, {"Retry-After": "0"},        1, "retrying", 5, 1),
    (429, {"Retry-After": "999999"},   1, "retrying", 3600, 3600),
    (429, {"Retry-After": "soon"},     1, "retrying", 30),
    (503, {"Retry-After": "DATE"},     1, "retrying", 3600, 3600),
    (503, {"Retry-After": "7"},        3, "retrying", 120, 7),
    (500, {},                          1, "retrying", 5),
    (502, {},                          4, "retrying", 600),
    (524, {},                          8, "retrying", 54_000),
    (500, {},                          9, "dead"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "headers", "attempt", "end"), [
    pytest.param(*row[:3], row[3:], id=f"{row[0]}-at-{row[2]}-{row[1].get('Retry-After', '')}") for row in OUTCOMES
])  # fmt: skip
def test_an_answer_decides_what_becomes_of_the_run(world, status, headers, attempt, end):
    headers = {name: in_an_hour_and_a_half() if value == "DATE" else value for name, value in headers.items()}
    world.fail("forward", status=status, headers=headers)

    run = a_run("forward.forward", env_at(world), completed(), attempt=attempt, met=f"refused-{status}")
    verdict = end_of(forward, completed(), run)

    assert_end(verdict, *end)
    assert str(status) in verdict.detail
    assert ("the same secret?" in verdict.detail) == (status in (401, 403))
    assert world.forward.received == []  # a redirect was not followed


@pytest.mark.parametrize(("failed_with", "end"), [
    ((), ("retrying", 30)),  # seven attempts: the others lost their lease, or were paused
    (("refused-503",) * 6, ("retrying", 30)),  # a deploy, and then another secret
    (("refused-503", "refused-403", "timeout"), ("retrying", 30)),
    (("refused-503", "refused-403", "timeout", "refused-401"), ("pause",)),
])  # fmt: skip
def test_only_refusals_use_up_the_patience_with_a_refusal(world, failed_with, end):
    world.fail("forward", status=401)
    run = replace(run_at(world, completed()), attempt=7, failures=1, failed_with=failed_with)

    assert_end(end_of(forward, completed(), run), *end)


@pytest.mark.parametrize(("failed_with", "after_s"), [(("refused-503",) * 4, 5), (("refused-404", "timeout"), 40)])
def test_a_404_after_other_failures_has_its_quarter_of_an_hour_before_it(world, failed_with, after_s):
    world.fail("forward", status=404)
    run = replace(run_at(world, completed()), attempt=5, failed_with=failed_with)

    assert_end(end_of(forward, completed(), run), "retrying", after_s)


def nowhere(world):
    return {"FORWARD_URL": f"http://127.0.0.1:{(port := free_port())}/x", "FORWARD_ALLOW_HOSTS": f"127.0.0.1:{port}"}


def cut_off(world):
    world.fail("forward", mode="reset")
    return env_at(world)


def unheard(world):
    world.fail("forward", mode="drop")
    return env_at(world)


def no_tls(world):
    host = world.url.removeprefix("http://")
    return {"FORWARD_URL": f"https://{host}/x", "FORWARD_ALLOW_HOSTS": host}


NO_ANSWERS = [
    # what is met                                                at attempt  the run is
    (nowhere,                                                           1, "retrying", 5),
    (cut_off,                                                           2, "retrying", 30),
    (unheard,                                                           1, "retrying", 5),
    (no_tls,                                                            3, "retrying", 120),
    (lambda world: {"FORWARD_URL": "https://no-such-name.invalid/x"},   1, "retrying", 5),
    (lambda world: {"FORWARD_URL": "https://10.0.0.1/x"},               1, "dead"),
    (lambda world: {"FORWARD_URL": "https://localhost:9/x"},            1, "dead"),
]  # fmt: skip


class Resolver:
    """Answers each look-up of a name with the next of these addresses, as a resolver does that filters for a moment."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def __call__(self, host, port):
        return [self.answers.pop(0)]


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.0.1", "::"])
def test_a_name_that_is_private_for_a_moment_is_tried_again_and_one_that_stays_so_is_dead(world, address):
    env = {"FORWARD_URL": "https://hook.example/x"}
    backend = GuardedBackend(frozenset(), resolve=Resolver(*[address] * PRIVATE_TRIES))

    def look_up(event, run):
        backend.connect_tcp("hook.example", 443)

    runs = [
        a_run("forward.forward", env, completed(), attempt=n, met="private-address")
        for n in range(1, PRIVATE_TRIES + 1)
    ]
    ends = [end_of(look_up, completed(), run) for run in runs]

    assert [end.state for end in ends] == ["retrying"] * (PRIVATE_TRIES - 1) + ["dead"]
    assert {end.cooldown_us for end in ends} == {0}
    assert sum(end.delay_us for end in ends) / 1e6 > 60
    assert "FORWARD_ALLOW_HOSTS" in ends[-1].detail


@pytest.mark.parametrize(("met", "attempt", "end"), [(row[0], row[1], row[2:]) for row in NO_ANSWERS])
def test_where_there_is_no_answer_it_is_tried_again_but_for_private_addresses(world, met, attempt, end):
    run = a_run("forward.forward", met(world), completed(), attempt=attempt)

    verdict = end_of(forward, completed(), run)

    assert_end(verdict, *end)
    assert "/x" not in verdict.detail


@pytest.fixture
def self_signed(tmp_path):
    """A TLS server on loopback whose certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "pem").write_bytes(secret + made.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem")
    with serving(lambda environ, start: [], ssl_context=context) as url:
        yield url.removeprefix("http://")


CERTIFICATES = [
    # the run has met      at attempt  it is
    ("",                            1, "retrying", 5),
    ("tls",                         2, "retrying", 30),
    ("refused-503",                 3, "retrying", 120),
    ("tls",                         3, "dead"),
]  # fmt: skip


@pytest.mark.parametrize(("met", "attempt", "end"), [(*row[:2], row[2:]) for row in CERTIFICATES])
def test_a_certificate_that_is_not_valid_is_for_good_at_the_third_time(self_signed, met, attempt, end):
    env = {"FORWARD_URL": f"https://{self_signed}/x", "FORWARD_ALLOW_HOSTS": self_signed}

    verdict = end_of(forward, completed(), a_run("forward.forward", env, completed(), attempt=attempt, met=met))

    assert_end(verdict, *end)
    assert "certificate" in verdict.detail


def test_nothing_is_sent_for_a_run_that_another_worker_has(world):
    def lost():
        raise LeaseLost

    with pytest.raises(LeaseLost):
        forward(completed(), a_run("forward.forward", env_at(world), completed(), check_lease=lost))

    assert world.forward.received == []


def test_an_id_that_no_header_can_hold_is_cut_down_to_what_can_be_sent(world):
    run = run_at(world, completed())
    odd = replace(run.delivery, key=" dé\r\n-1 😀", event="ünknown")

    forward(completed(), replace(run, delivery=odd))

    headers = world.forward.received[0]["headers"]
    assert (headers["x-inboundflow-delivery-id"], headers["x-inboundflow-event"]) == ("d-1", "nknown")
