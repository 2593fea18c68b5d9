"""The receivers that the conformance checks are proven with do what they say."""

import dataclasses
import json
import random
import re
import subprocess
import sys
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from mock_sender import payloads
from mock_sender.sender import request
from mock_sender.wire import send
from tests.conftest import lacking
from tests.processes import CHECKOUT, until
from tests.receivers.mistakes import MISTAKES
from tests.receivers.people import PEOPLE, Lacking, started
from tests.receivers.right import right

SECRET = "whsec_receivers"


@pytest.fixture
def call():
    return payloads.sample(random.Random(6), "call.completed")


def without(sent, name):
    return dataclasses.replace(sent, headers=tuple(each for each in sent.headers if each[0] != name))


def effects(receiver):
    return httpx.get(receiver.effects_url, trust_env=False).json()["effects"]


def test_the_right_receiver_takes_what_is_genuine_once(call):
    with right(SECRET) as receiver:
        statuses = [send(request(receiver.url, call, secret=SECRET)).status for _ in range(3)]

        assert until(lambda: effects(receiver)) == {call.delivery_id: 1}
    assert statuses == [200, 200, 200]


# what is done to a genuine delivery, and what the right receiver and one with a mistake answer to it
ODD = [
    ("accepts-unsigned", lambda sent: without(sent, "X-InboundFlow-Signature"), 401, 200),
    ("verifies-where-both-are-there", lambda sent: without(sent, "X-InboundFlow-Timestamp"), 401, 200),
    ("needs-content-length", lambda sent: dataclasses.replace(sent, chunk_bytes=50), 200, 411),
    ("reads-once", lambda sent: dataclasses.replace(sent, piece_bytes=200, pause_s=0.05), 200, 401),
    ("crashes-on-get", lambda sent: dataclasses.replace(sent, method="GET", body=b""), 405, 500),
    ("crashes-on-a-huge-body", lambda sent: dataclasses.replace(sent, body=b"x" * 2**20 + b"x"), 413, 500),
    ("crashes-on-many-headers", lambda sent: dataclasses.replace(sent, headers=sent.headers * 30), 431, 500),
    ("redirects-to-slash", lambda sent: sent, 200, 308),
]


@pytest.mark.parametrize(("mistake", "done", "rightly", "wrongly"), ODD, ids=[row[0] for row in ODD])
def test_a_mistake_is_one_step_done_otherwise(call, mistake, done, rightly, wrongly):
    with right(SECRET) as good, right(SECRET, mistake) as bad:
        answered = [send(done(request(each.url, call, secret=SECRET))).status for each in (good, bad)]

    assert answered == [rightly, wrongly]


def test_every_mistake_says_in_a_sentence_what_is_wrong():
    assert [m.slug for m in MISTAKES.values() if not re.fullmatch(r"[A-Z][^\n]+\.", m.sentence)] == []


def test_the_receiver_runs_as_a_program_with_a_mistake(call):
    command = [sys.executable, "tests/receivers/right.py", "--secret", SECRET, "--mistake", "shows-a-login-page"]
    running = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    try:
        url = running.stdout.readline().strip()

        assert send(request(url, call, secret=SECRET)).status == 302
    finally:
        running.kill()
        running.communicate()


# what each answers to: a call, a call of José's, an event that nobody knows, a forgery
ANSWERS = {
    "express": [200, 200, 200, 401],
    "php": [200, 200, 200, 401],
    "flask": [200, 401, 200, 401],  # json.dumps escapes the é, JSON.stringify does not
    "fastapi": [200, 200, 422, 401],  # the model names four events
    "webhook": [500, 500, 500, 500],  # its HMAC is over the body alone, and a signature that is wrong there is a 500
    "webhook-token": [200, 200, 200, 200],  # whoever knows the address is believed
}


@pytest.mark.parametrize("name", PEOPLE)
def test_a_receiver_as_people_write_it_answers_as_its_language_has_it(name):
    rng = random.Random(6)
    sent = [
        payloads.sample(rng, event) for event in ("call.completed", "call.completed", "call.voicemail", "lead.created")
    ]
    sent[:2] = [named(sent[0], "Joe"), named(sent[1], "José")]
    secrets = [SECRET, SECRET, SECRET, "whsec_another"]

    with running(name) as url:
        answered = [send(request(url, each, secret=secret)).status for each, secret in zip(sent, secrets, strict=True)]

    assert answered == ANSWERS[name]


def named(call, caller):
    envelope = json.loads(call.body)
    return dataclasses.replace(
        call, body=payloads.stringify({**envelope, "data": {**envelope["data"], "caller_name": caller}})
    )


@contextmanager
def running(name):
    """Its URL; the test is skipped where its language is not installed."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(started(name, SECRET))
        except Lacking as missing:
            lacking(str(missing))
        yield url
