"""The receivers that the conformance checks are proven with do what they say."""

import dataclasses
import random
import re
import subprocess
import sys

import httpx
import pytest

from mock_sender import payloads
from mock_sender.sender import request
from mock_sender.trouble import TROUBLES, plan, play
from mock_sender.wire import send
from tests.receivers.mistakes import MISTAKES
from tests.receivers.right import right
from tests.support.processes import CHECKOUT, until

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


# the trouble under which each mistake shows, and what is answered then, somewhere in it
SHOWN = [
    ("no-signature", "answers-before-verifying", 200),
    ("wrong-signature", "looks-at-the-form-alone", 200),
    ("other-secret", "looks-at-the-form-alone", 200),
    ("altered-body", "looks-at-the-form-alone", 200),
    ("altered-timestamp", "tries-seconds-around", 200),
    ("body-only-signature", "accepts-githubs-signature", 200),
    ("empty-signature", "verifies-what-is-there", 200),
    ("short-signature", "compares-a-prefix", 200),
    ("json-spacing", "verifies-raw-bytes-alone", 401),
    ("unicode-escapes", "escapes-as-python-does", 401),
    ("previous-secret", "knows-one-secret", 401),
    ("stale", "ignores-the-timestamp", 200),
    ("future", "accepts-the-future", 200),
    ("drift-behind", "allows-half-a-minute", 401),
    ("drift-ahead", "allows-no-clock-ahead", 401),
    ("text-timestamp", "takes-any-text-for-now", 200),
    ("milliseconds", "crashes-on-milliseconds", 500),
    ("duplicate", "conflicts-on-duplicates", 409),
    ("duplicate-at-once", "crashes-on-the-unique-constraint", 500),
    ("old-event", "judges-the-age-of-the-event", 401),
    ("other-id-header", "refuses-another-id-header", 400),
    ("other-event-header", "refuses-another-event-header", 400),
    ("unknown-event", "crashes-on-unknown-events", 500),
    ("missing-fields", "refuses-missing-fields", 400),
    ("null-fields", "crashes-on-null", 500),
    ("extra-fields", "forbids-new-fields", 422),
    ("wrong-types", "insists-on-types", 422),
    ("transcript", "takes-hundred-kilobytes", 413),
    ("emoji", "stores-three-bytes-of-utf8", 500),
    ("right-to-left", "stores-latin-letters", 500),
    ("lone-surrogate", "crashes-on-half-a-character", 500),
    ("integer-keys", "makes-attributes-of-fields", 500),
    ("nul", "crashes-on-nul", 500),
    ("no-delivery-id", "needs-a-delivery-id", 400),
    ("empty", "crashes-on-nothing", 500),
    ("not-json", "crashes-on-what-is-not-json", 500),
    ("not-utf8", "crashes-on-what-is-not-utf8", 500),
    ("gzip", "crashes-on-gzip", 500),
    ("lower-case-headers", "reads-headers-in-their-case", 401),
    ("mixed-case-headers", "knows-two-spellings", 401),
    ("pipelined", "keeps-the-first-headers", 401),
    ("pipelined", "drops-what-came-early", None),
]  # fmt: skip


@pytest.mark.parametrize(("trouble", "mistake", "wrongly"), SHOWN, ids=[f"{row[0]}-{row[1]}" for row in SHOWN])
def test_a_mistake_shows_under_its_trouble_and_the_right_receiver_does_not(trouble, mistake, wrongly):
    with right(SECRET, previous_secret="whsec_before") as good, right(SECRET, mistake, "whsec_before") as bad:
        rightly, answered = played(good, trouble), played(bad, trouble)

    assert rightly == {200 if TROUBLES[trouble].authentic else 401}
    assert wrongly in answered


def played(receiver, trouble):
    """Every status that a call with this trouble was answered with."""
    rng = random.Random(6)
    sent = [*payloads.call(rng), *payloads.call(rng)]
    found = plan(sent, url=receiver.url, secret=SECRET, names=[trouble], seed=6, previous_secret="whsec_before")
    return {answer.status for answers in play(found.rounds, timeout_s=2) for answer in answers}


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
