"""What goes on behind the panel's pages."""

import random
import sqlite3

from mock_sender import payloads
from mock_sender.clock import VirtualClock
from mock_sender.inboundflow import CLAIM_S, InboundFlow
from mock_sender.panel import Business
from mock_sender.panel.business import DUE
from mock_sender.wire import Answer
from tests.mock_sender.panel.person import STORED
from tests.support.processes import until
from tests.support.sender import say


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


def test_a_retry_that_comes_due_is_made_by_itself(panel, receiver):
    receiver.answer = say(500)
    one = panel.connect(receiver, retries="eager")
    panel.simulate(one, event="lead.created")
    until(lambda: receiver.seen, what="the first attempt")
    receiver.answer = STORED

    [sent] = panel.settled(1)

    assert (sent.state, sent.attempts, len(receiver.seen)) == ("delivered", 2, 2)


def test_a_first_attempt_is_left_to_its_sender_and_is_taken_over_only_when_that_died():
    flow = InboundFlow(clock=VirtualClock())
    one, now = flow.connect("https://example.com/"), flow.clock.now()

    id = flow.plan(one.id, payloads.sample(random.Random(1), "lead.created"))
    planned = flow.book.read(DUE, now + CLAIM_S)
    flow.book.claim(id, now, now + CLAIM_S)
    dead = flow.book.read(DUE, now + CLAIM_S)

    assert (planned, dead) == ([], [{"id": id}])
