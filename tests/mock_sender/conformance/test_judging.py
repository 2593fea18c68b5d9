import random

import pytest

from mock_sender.conformance.judging import accepted, is_accepted, is_alive, is_refused, refused, survives
from mock_sender.conformance.probe import Probe
from tests.mock_sender.conformance.seen import SECRET, answered
from tests.support.sender import a_receiver, say

JUDGED = [
    # what came back                                              accepted, refused, alive
    (answered(200),                                               True,     False,   True),
    (answered(299),                                               True,     False,   True),
    (answered(302, failure="302: a redirect"),                    False,    False,   True),
    (answered(400),                                               False,    True,    True),
    (answered(499),                                               False,    True,    True),
    (answered(500),                                               False,    False,   False),
    (answered(200, failure="the answer is too long"),             False,    False,   True),
    (answered(None, failure="the connection was closed"),         False,    False,   True),
    (answered(None, failure="no answer", timed_out=True),         False,    False,   False),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "is_ok", "is_no", "lives"), JUDGED, ids=range(len(JUDGED)))
def test_an_answer_is_judged_by_its_status_and_its_end(answer, is_ok, is_no, lives):
    assert (is_accepted(answer), is_refused(answer), is_alive(answer)) == (is_ok, is_no, lives)


def judged(judge, *statuses):
    """The verdict on two forged deliveries at a receiver that answers these statuses, one after another."""
    answers = iter(statuses)
    with a_receiver(lambda handler: say(next(answers))(handler)) as receiver:
        probe = Probe(receiver.url, SECRET, rng=random.Random(1))
        return judge(probe, probe.troubled("no-signature"), probe.troubled("wrong-signature"))


VERDICTS = [
    # the words   the answers        the outcome  it says
    (accepted,    (200, 202),        "passed",    ""),
    (accepted,    (200, 500),        "failed",    "1 of 2 were not accepted: 500 after "),
    (refused,     (401, 403, 200),   "passed",    ""),
    (refused,     (401, 200),        "failed",    "was not refused with 4xx: 200 after "),
    (refused,     (401, 401, 401),   "failed",    "the genuine delivery sent right after was not accepted: 401"),
    (survives,    (400, 200, 200),   "passed",    ""),
    (survives,    (500,),            "failed",    "neither an answer below 500 nor a closed connection: 500"),
    (survives,    (400, 400, 503),   "failed",    "the genuine delivery sent right after was not accepted: 503"),
]  # fmt: skip


@pytest.mark.parametrize(("judge", "statuses", "outcome", "says"), VERDICTS)
def test_a_verdict_is_about_all_that_was_sent_and_the_genuine_one_after(judge, statuses, outcome, says):
    verdict = judged(judge, *statuses)

    assert verdict.outcome == outcome
    assert verdict.says.startswith(says)
    assert bool(verdict.says) == bool(says)
