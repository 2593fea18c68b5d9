"""What the doctor says of alerts."""

import pytest

from receiver.doctor.alerts import check_unsent, check_ways
from receiver.registry import Notice, notifiers
from tests.operations.test_outbox import Way


def severities(env):
    return [(finding.severity, finding.message) for finding in check_ways(notifiers("handlers", env))]


@pytest.mark.parametrize(
    ("env", "severity", "names"),
    [
        ({}, "advice", "nobody is told"),
        ({"ALERT_URL": "https://a.example/x"}, "ok", "they go out by forward.alert"),
        ({"ALERT_URL": "x"}, "problem", "forward.alert is misconfigured: ALERT_URL should begin with https://"),
    ],
)
def test_whether_somebody_is_told(env, severity, names):
    [finding] = severities(env)

    assert (finding[0], names in finding[1]) == (severity, True)


def test_an_alert_that_did_not_go_out_is_told_without_its_recipient(db):
    from receiver.errors import RetryLater
    from receiver.operations.outbox import put

    way = Way(db, name="email.alert", targets=("ana@acme.example",))
    way.error = RetryLater("the mail server answered 451")
    now_us = db.now_us()
    notice = Notice(key="k", kind="attention", title="t")
    db.commit(lambda tx: put(tx, notice, ["email.alert ana@acme.example"], now_us))
    before = list(check_unsent(db))
    way.turn("ana@acme.example")

    [finding] = check_unsent(db)
    assert before == []
    assert finding.severity == "problem"
    assert finding.message.startswith("1 did not go out by email.alert since ")
    assert finding.message.endswith("UTC: the mail server answered 451")
