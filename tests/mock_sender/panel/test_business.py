"""What goes on behind the panel's pages."""

import random
import sqlite3

from mock_sender import payloads
from mock_sender.clock import VirtualClock
from mock_sender.inboundflow import CLAIM_S, InboundFlow
from mock_sender.panel import Business
from mock_sender.wire import Answer
from tests.support.processes import until


def test_retries_go_on_after_the_database_failed_once():
    sent = []

    def transport(request, timeout_s):
        sent.append(request)
        if len(sent) == 2:
            raise sqlite3.OperationalError("database or disk is full")
        return Answer(status=500, failure="500") if len(sent) == 1 else Answer(status=200)

    flow = InboundFlow(clock=VirtualClock(), transport=transport)
    flow.connect("https://example.com/", retries="eager")

    with Business(flow):
        flow.report(payloads.sample(random.Random(1), "lead.created"))
        flow.clock.sleep(1)
        until(lambda: len(sent) == 2, what="the retry that fails")
        flow.clock.sleep(CLAIM_S)
        until(lambda: flow.deliveries()[0].state == "delivered", within_s=5, what="the next retry")

    assert len(sent) == 3
