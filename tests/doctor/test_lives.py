import time

import pytest

from mock_sender.sign import sign
from receiver import settings
from receiver.doctor.inbox import InboxCheck
from receiver.doctor.lives import check_lives, check_pen
from receiver.events import Delivery
from receiver.inbox import Inbox, Penned
from receiver.inbox.lives import write_lives
from receiver.inbox.pen import write_pen
from receiver.operations import Routing, add_source
from tests.support.findings import told

SECRET = "the right secret"


def refuse(db, secret, number=1):
    timestamp = int(time.time())
    headers = {"X-InboundFlow-Timestamp": str(timestamp), "X-InboundFlow-Signature": sign(secret, timestamp, b"{}")}
    requests = [
        Penned(received_us=db.now_us() + n, reason="signature-mismatch", headers=headers, body=b"{}")
        for n in range(number)
    ]
    db.commit(lambda tx: write_pen(tx, "", requests))


@pytest.mark.parametrize(("number", "severity"), [(0, None), (2, "advice"), (3, "problem")])
def test_lost_lives_are_a_problem_from_three_on(db, number, severity):
    now_us = db.now_us()
    refused = [("ours", now_us, f"reason-{n}") for n in range(number)]
    db.commit(lambda tx: write_lives(tx, "", refused, {}, now_us))

    findings = list(check_lives(db))

    assert [finding.severity for finding in findings] == [severity] * bool(number)
    assert all(f"{number} of 10 lives lost" in finding.message for finding in findings)
    assert all("timed out" in finding.why for finding in findings)  # what cannot be seen from here


@pytest.fixture
def variables(env):
    return settings.read(env | {"INBOUNDFLOW_SIGNING_SECRET": SECRET})


def lose(db, number):
    now_us = db.now_us()
    refused = [("ours", now_us - n, "signature-mismatch") for n in range(number)]
    db.commit(lambda tx: write_lives(tx, "", refused, {}, db.now_us()))


@pytest.mark.parametrize(("lost", "severity"), [(4, "problem"), (0, "advice")])
def test_the_mistake_that_explains_what_was_refused_is_named(db, variables, lost, severity):
    refuse(db, f"{SECRET}\n", 3)
    refuse(db, "a stranger's")
    lose(db, lost)

    [finding] = check_pen(db, variables)

    assert (finding.severity, finding.message[:58]) == (
        severity,
        "3 of the newest: the secret has a space or a line end in I",
    )
    assert "recheck --dry-run" in finding.do
    assert SECRET not in str(finding)


def test_what_can_be_taken_in_is_a_problem_until_it_is(db, variables):
    refuse(db, SECRET)

    assert [(finding.severity, finding.message[:43]) for finding in check_pen(db, variables)] == [
        ("problem", "1 of the newest: its signature is right wit")
    ]


def test_a_test_of_the_operators_own_hides_nothing_of_what_inboundflow_saw(db, variables):
    lose(db, 10)
    Inbox(db).keep(Delivery(key="a test", organization_id="made-up", body=b"{}", received_us=db.now_us()))
    db.commit(lambda tx: write_lives(tx, "", [], {"made-up": (db.now_us(), 1)}, db.now_us()))

    problems = [finding for finding in InboxCheck(variables, {}, [])() if finding.severity == "problem"]

    assert "10 of 10 lives lost" in next(finding.message for finding in problems if finding.what == "lives")


def test_of_a_strangers_requests_nothing_is_named(db, variables):
    refuse(db, "a stranger's", 2)

    assert told(check_pen(db, variables)) == {
        ("advice", "2 refused requests look like InboundFlow's, and no usual mistake explains why")
    }


def test_where_nothing_is_kept_aside_there_is_nothing_to_say(db, variables):
    assert list(check_pen(db, variables)) == []


def test_each_business_has_its_own_requests_explained_and_its_own_command(db, env):
    own = settings.read(env | {"SECRET_KEY": "a key for sealing, long enough"})
    secret = add_source(db, Routing(own, {}, {}), "acme")
    for source, signed in (("", "a stranger's"), ("acme", f"{secret}\n")):
        timestamp = int(time.time())
        headers = {"X-InboundFlow-Timestamp": str(timestamp), "X-InboundFlow-Signature": sign(signed, timestamp, b"{}")}
        request = Penned(received_us=db.now_us(), reason="signature-mismatch", headers=headers, body=b"{}")
        db.commit(lambda tx, source=source, request=request: write_pen(tx, source, [request]))

    strangers, theirs = check_pen(db, own)

    assert (strangers.source, "no usual mistake" in strangers.message) == ("", True)
    assert (theirs.source, "the secret has a space or a line end" in theirs.message) == ("acme", True)
    assert "recheck --source acme --dry-run" in theirs.do
