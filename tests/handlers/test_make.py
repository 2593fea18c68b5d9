import hashlib
import hmac
import json

import pytest

from handlers.make import PACE_S, forward
from receiver import registry
from tests.support.forwarding import HOSTILE, assert_end, end_of
from tests.support.tools import a_run, completed, lead

NAME = "make.forward"


def test_a_scenario_gets_a_flat_envelope_signed_and_whatever_the_caller_said(world):
    event = lead(interest=HOSTILE)

    outcome = forward(event, a_run(NAME, world.automation_env, event))

    [received] = world.make.received
    signed = hmac.new(b"make-secret", received["body"], hashlib.sha256).hexdigest()
    assert (outcome, json.loads(received["body"].decode())["interest"]) == ("200", HOSTILE)
    assert received["headers"]["x-inboundflow-forward-signature"] == f"sha256={signed}"


OUTCOMES = [
    # Make answers, with     at attempt  the run is    tried again after s, other runs wait for s
    (200, '"Accepted"',          1, "succeeded"),
    (400, '"Bad request"',       1, "dead"),
    (400, '"queue is full"',     1, "retrying", 600, 600),
    (400, '"Queue is full."',    5, "retrying", 1800, 600),
    (404, '"Not found"',         1, "retrying", 5),  # a webhook that is being made anew
    (404, '"Not found"',         5, "pause"),
    (410, '"Gone"',              1, "pause"),
    (401, "{}",                  1, "retrying", 5),
    (401, "{}",                  3, "pause"),
    (413, "{}",                  1, "dead"),
    (429, "{}",                  1, "retrying", 30),
    (500, "{}",                  2, "retrying", 30),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "attempt", "end"), [(*row[:3], row[3:]) for row in OUTCOMES])
def test_an_answer_decides_what_becomes_of_the_run(world, status, body, attempt, end):
    world.fail("make", status=status, body=body)

    verdict = end_of(
        forward, completed(), a_run(NAME, world.automation_env, completed(), attempt=attempt, met=f"refused-{status}")
    )

    assert_end(verdict, *end)


def test_a_full_queue_lets_all_runs_wait_and_a_webhook_that_is_gone_pauses(world):
    run = a_run(NAME, world.automation_env, completed())

    world.make.queue_full = True
    full = end_of(forward, completed(), run)
    world.make.gone = True
    gone = end_of(forward, completed(), run)

    assert_end(full, "retrying", 600, 600)
    assert_end(gone, "pause")
    assert world.make.received == []


def test_the_pace_stays_under_makes_limit():
    assert 10 / PACE_S < 300
    assert registry.load("handlers")[NAME].pace_s == PACE_S
