import hashlib
import hmac
import json
import time

import pytest

from handlers.n8n import READ_S, TOTAL_S, forward
from receiver import registry
from tests.support.forwarding import HOSTILE, assert_end, end_of
from tests.support.processes import CHECKOUT
from tests.support.tools import a_run, completed, lead

NAME = "n8n.forward"


def test_a_workflow_gets_a_flat_envelope_signed_and_whatever_the_caller_said(world):
    event = lead(interest=HOSTILE)

    outcome = forward(event, a_run(NAME, world.automation_env, event))

    [received] = world.n8n.received
    signed = hmac.new(b"n8n-secret", received["body"], hashlib.sha256).hexdigest()
    assert (outcome, json.loads(received["body"].decode())["interest"]) == ("200", HOSTILE)
    assert received["headers"]["x-inboundflow-forward-signature"] == f"sha256={signed}"


OUTCOMES = [
    # n8n answers  at attempt  the run is    tried again after s, other runs wait for s
    (200,              1, "succeeded"),
    (404,              1, "retrying", 5),
    (404,              2, "retrying", 40),
    (404,              3, "retrying", 150),
    (404,              4, "retrying", 720),
    (404,              5, "pause"),
    (401,              2, "retrying", 30),
    (401,              3, "pause"),
    (410,              1, "pause"),
    (422,              1, "dead"),
    (429,              1, "retrying", 30),
    (500,              1, "retrying", 5),
    (500,              9, "dead"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "attempt", "end"), [(*row[:2], row[2:]) for row in OUTCOMES])
def test_an_answer_decides_what_becomes_of_the_run(world, status, attempt, end):
    world.fail("n8n", status=status)

    verdict = end_of(
        forward, completed(), a_run(NAME, world.automation_env, completed(), attempt=attempt, met=f"refused-{status}")
    )

    assert_end(verdict, *end)


def test_a_workflow_that_is_not_active_is_tried_for_a_quarter_of_an_hour_then_paused_with_what_to_do(world):
    world.n8n.registered = False

    runs = [a_run(NAME, world.automation_env, completed(), attempt=n, met="refused-404") for n in range(1, 6)]
    ends = [end_of(forward, completed(), run) for run in runs]

    assert [ended.pause for ended in ends] == [False] * 4 + [True]
    assert 900 <= sum(ended.delay_us for ended in ends[:4]) / 1e6 < 960
    assert "publish the workflow" in ends[4].detail


def test_a_workflow_that_answers_when_it_is_through_gets_the_time():
    assert READ_S == 30
    assert READ_S < TOTAL_S < registry.load("handlers")[NAME].timeout_s == 40


def test_an_answer_after_more_than_the_usual_ten_seconds_is_waited_for(world):
    world.watch = lambda name, path, stage: time.sleep(11) if stage == "received" else None

    assert forward(completed(), a_run(NAME, world.automation_env, completed())) == "200"


WORKFLOWS = [
    # file                          what is signed                             compared with
    ("n8n-workflow.json",           "binaryData",                              "x-inboundflow-forward-signature"),
    ("n8n-straight-workflow.json",  "'.' + JSON.stringify($json.body)",        "x-inboundflow-signature"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "signed", "header"), WORKFLOWS)
def test_a_workflow_that_comes_with_the_recipe_hangs_together(file, signed, header):
    """That a real n8n runs it is shown by `python -m tests.receivers.n8n`."""
    flow = json.loads((CHECKOUT / "recipes" / file).read_text())

    edges = [(a, to["node"]) for a, outs in flow["connections"].items() for out in outs["main"] for to in out]
    kinds = [node["type"].removeprefix("n8n-nodes-base.") for node in flow["nodes"]]
    _, crypto, decision = flow["nodes"][:3]
    assert {name for edge in edges for name in edge} == {node["name"] for node in flow["nodes"]}
    assert kinds == ["webhook", "crypto", "if", "respondToWebhook", "respondToWebhook", "removeDuplicates", "noOp"]
    assert signed in json.dumps(crypto["parameters"])
    assert f"'{header}'" in json.dumps(decision["parameters"])
    assert (decision["name"], "Answer 401") in edges
    assert ("Answer 401", "First time only") not in edges
    assert f"({file})" in (CHECKOUT / "recipes" / "n8n.md").read_text()
