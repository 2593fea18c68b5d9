import json

import pytest

from receiver.errors import StoreUnavailable
from receiver.inbox import Answer, Rejections, lost_lives, penned
from receiver.inbox.answers import HEADER_CHARS, HELD, HELD_BYTES, Answers

HEADERS = {"X-InboundFlow-Signature": "sha256=0", "X-InboundFlow-Event": "call.completed"}


def a_body(organization="ours"):
    return json.dumps({"organization_id": organization}).encode()


OURS = a_body()


def refused(reason="signature-mismatch", body=OURS, **headers):
    return Answer(reason=reason, headers=HEADERS | headers, body=body)


def test_a_refusal_costs_a_life_and_stays_whole_and_a_success_gives_the_life_back(db):
    rejections = Rejections(db)

    rejections.note(refused())
    rejections.flush()
    lost, [request] = lost_lives(db), penned(db)
    rejections.note(Answer(headers={}, organization_id="ours"))
    rejections.flush()

    assert (lost.lost, lost.reasons, lost_lives(db).lost) == (1, {"signature-mismatch": 1}, 0)
    assert (request.reason, request.headers, request.body) == ("signature-mismatch", HEADERS, OURS)


class Away:
    """A database that does not answer at first, or that commits and seems not to."""

    def __init__(self, db, *, commits):
        self.db = db
        self.commits = commits

    def commit(self, work, *, timeout_s):
        if self.commits:
            self.db.commit(work)
        raise StoreUnavailable("away")


@pytest.mark.parametrize("commits", [True, False])
def test_what_could_not_be_written_is_written_once_when_the_database_is_back(db, commits):
    rejections = Rejections(Away(db, commits=commits), db.now_us)
    for _ in range(3):
        rejections.note(refused("not-stored"))

    rejections.flush()
    rejections.db = db
    rejections.flush()

    assert (lost_lives(db).lost, len(penned(db))) == (3, 3)


NOT_PENNED = [
    refused("body-too-large", body=None),
    refused("not-found", body=None),
    refused("signature-missing", **{"X-InboundFlow-Signature": ""}),  # no secret is set there: it can never match
    refused(**{"X-InboundFlow-Event": "x" * (HEADER_CHARS + 1)}),
    refused("body-incomplete"),
]


@pytest.mark.parametrize("answer", NOT_PENNED, ids=range(len(NOT_PENNED)))
def test_what_can_never_be_taken_in_costs_a_life_and_is_not_kept(db, answer):
    rejections = Rejections(db)

    rejections.note(answer)
    rejections.flush()

    assert (lost_lives(db).lost, penned(db)) == (1, [])


def test_a_flood_fills_no_memory_and_the_newest_stay():
    answers = Answers()

    for number in range(HELD + 50):
        answers.note(refused(body=str(number).encode().ljust(64 * 1024)), number)
    held = answers.take().refused

    bodies = [answer.body for answer in held if answer.body is not None]
    assert (len(held), sum(map(len, bodies))) == (HELD, HELD_BYTES)
    assert bodies[-1].split() == [str(HELD + 49).encode()]


@pytest.mark.parametrize("body", [b"\xff", b"[]", b'{"organization_id": 7}', a_body("\x00"), a_body("x" * 101), None])
def test_a_body_that_names_no_organisation_costs_a_life_all_the_same(db, body):
    rejections = Rejections(db)

    rejections.note(refused(body=body))
    rejections.flush()

    assert lost_lives(db).lost == 1


def test_refusals_of_one_moment_are_several(db):
    now_us = db.now_us()
    rejections = Rejections(db, lambda: now_us)

    for _ in range(4):
        rejections.note(refused())
    rejections.flush()

    assert (lost_lives(db).lost, len(penned(db))) == (4, 4)
