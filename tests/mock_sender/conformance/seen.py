"""Probes with exchanges that they have seen, and results of checks, without a receiver."""

import random

from mock_sender.conformance.probe import Probe
from mock_sender.conformance.verdict import Evidence, Outcome, Report, Result
from mock_sender.wire import Answer

SECRET, PREVIOUS = "whsec_of-the-tests", "whsec_of-the-tests-before"
URL = "http://127.0.0.1:9/webhooks"


def a_probe(url=URL):
    return Probe(url, SECRET, previous_secret=PREVIOUS, rng=random.Random(1))


def answered(status=200, body="", **changes):
    return Answer(status=status, body=body, latency_s=0.5, **changes)


def a_result(outcome, number=1, group="acceptance", says="", came_back="200", **changes):
    evidence = Evidence(sent="POST / HTTP/1.1", came_back=came_back, command="curl -i")
    texts = {"slug": f"check-{number}", "title": f"Check {number}", "sends": "a call", "expected": "2xx"}
    texts |= {"why": "because", "fix": "do it"}
    return Result(
        number=number, group=group, outcome=Outcome(outcome), says=says, evidence=(evidence,), took_s=0.25,
        **texts | changes,
    )  # fmt: skip


def a_report(*results, lives_lost=None):
    return Report(url=URL, seed=1, results=results, lives_lost=lives_lost)
