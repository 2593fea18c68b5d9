import hashlib
import hmac
import json

import pytest

from handlers.zapier import PACE_S, forward
from receiver import registry
from tests.support.forwarding import HOSTILE, assert_end, end_of
from tests.support.processes import free_port
from tests.support.tools import a_run, completed, lead

NAME = "zapier.forward"


def test_a_zap_gets_a_flat_envelope_under_a_signature_of_the_body_alone(world):
    outcome = forward(lead(), a_run(NAME, world.automation_env, lead()))

    [received] = world.zapier.received
    headers, fields = received["headers"], json.loads(received["body"])
    signed = hmac.new(b"zapier-secret", received["body"], hashlib.sha256).hexdigest()
    assert outcome == "200"
    assert (fields["delivery_id"], fields["caller_name"], fields["data"]["interest"]) == (
        "d-1",
        "Ada Moreno",
        "Whitening",
    )
    assert headers["x-inboundflow-forward-signature"] == f"sha256={signed}"
    assert (headers["x-inboundflow-event"], headers["x-inboundflow-delivery-id"]) == ("lead.created", "d-1")
    assert (headers["content-type"], headers["user-agent"]) == ("application/json", "inboundflow-receiver")
    assert not any(name in headers for name in ("x-inboundflow-signature", "webhook-signature"))
    assert world.state()["effects"] == [{"destination": "zapier", "delivery_id": "d-1", "where": "request 1"}]


def test_without_a_secret_nothing_is_signed(world):
    forward(lead(), a_run(NAME, world.automation_env | {"ZAPIER_SIGNING_SECRET": ""}, lead()))

    assert "x-inboundflow-forward-signature" not in world.zapier.received[0]["headers"]


def test_a_repeat_is_the_same_bytes_under_the_same_signature(world):
    run = a_run(NAME, world.automation_env, lead())

    for _ in range(2):
        forward(lead(), run)

    first, second = world.zapier.received
    assert first == second


def test_what_a_caller_says_arrives_as_it_was_said(world):
    event = lead(interest=HOSTILE)

    forward(event, a_run(NAME, world.automation_env, event))

    fields = json.loads(world.zapier.received[0]["body"].decode())
    assert (fields["interest"], fields["data"]["interest"]) == (HOSTILE, HOSTILE)


OUTCOMES = [
    # Zapier answers, with     at attempt  the run is    tried again after s, other runs wait for s
    (200, {},                      1, "succeeded"),
    (302, {},                      1, "retrying", 5),
    (400, {},                      1, "retrying", 5),
    (401, {},                      3, "retrying", 120),
    (413, {},                      2, "retrying", 30),
    (429, {},                      1, "retrying", 30),
    (429, {"Retry-After": "45"},   1, "retrying", 45, 45),
    (500, {},                      1, "retrying", 5),
    (503, {},                      9, "dead"),
    (404, {},                      1, "retrying", 5),  # a moment at Zapier
    (404, {},                      5, "pause"),
    (410, {},                      1, "pause"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "headers", "attempt", "end"), [(*row[:3], row[3:]) for row in OUTCOMES])
def test_all_that_is_not_2xx_is_tried_again_unless_the_hook_is_gone(world, status, headers, attempt, end):
    world.fail("zapier", status=status, headers=headers)

    verdict = end_of(
        forward, completed(), a_run(NAME, world.automation_env, completed(), attempt=attempt, met=f"refused-{status}")
    )

    assert_end(verdict, *end)
    assert str(status) in verdict.detail


def test_a_hook_that_was_deleted_pauses_the_destination(world):
    world.zapier.gone = True

    verdict = end_of(forward, completed(), a_run(NAME, world.automation_env, completed()))

    assert_end(verdict, "pause")
    assert "the hook is gone" in verdict.detail


def test_no_answer_is_tried_again(world):
    host = f"127.0.0.1:{free_port()}"
    env = {"ZAPIER_WEBHOOK_URL": f"http://{host}/hook", "FORWARD_ALLOW_HOSTS": host}

    assert_end(end_of(forward, completed(), a_run(NAME, env, completed())), "retrying", 5)


MISCONFIGURED = ["https://a.example https://b.example", "a.example", "http://a.example", "https://u:p@a.example"]


@pytest.mark.parametrize("module", ["zapier", "make", "n8n"])
@pytest.mark.parametrize("url", MISCONFIGURED)
def test_a_url_that_makes_no_sense_is_misconfigured_and_is_not_told(module, url):
    variable = f"{module.upper()}_WEBHOOK_URL"

    activated = registry.load("handlers")[f"{module}.forward"].activate({variable: url})

    assert (activated.state, variable in activated.why, "example" in activated.why) == ("misconfigured", True, False)


@pytest.mark.parametrize("module", ["zapier", "make", "n8n"])
def test_the_secret_has_another_spelling_and_the_target_needs_no_name(module):
    tool = module.upper()
    env = {f"{tool}_WEBHOOK_URL": "https://a.example/hook", f"{tool}_WEBHOOK_SIGNING_SECRET": "s3cret"}

    activated = registry.load("handlers")[f"{module}.forward"].activate(env)

    assert activated.targets[""]["secret"] == "s3cret"


def test_the_pace_stays_under_a_hooks_limit():
    assert 300 / PACE_S < 1000
    assert registry.load("handlers")[NAME].pace_s == PACE_S
