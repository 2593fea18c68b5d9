import logging
import subprocess
import sys

import pytest

from receiver.telemetry.reports import KEPT, KEPT_TOO, scrubbed
from tests.support.collectors import a_sentry, events_of
from tests.support.processes import CHECKOUT

PHONE = "+34600111222"
SCRIPT = """
import logging, sys
from receiver.telemetry.reports import Reports
reports = Reports(sys.argv[1])
log = logging.getLogger("receiver.web")

def handle(caller_phone):
    email = "ada@example.com"
    raise ValueError(f"cannot call {caller_phone}")

try:
    handle(sys.argv[2])
except ValueError as error:
    log.error("a mistake of ours", exc_info=error, extra={"delivery": "d-1", "call": "call-1", "body": sys.argv[2]})
log.warning("not reported")
for _ in range(3):
    reports.attempted("slack.post", "raised", "KeyError at slack.py:7")
reports.attempted("slack.post", "refused-503", "503")
reports.end(5)
"""


@pytest.fixture(scope="module")
def sent():
    with a_sentry() as sentry:
        ran = subprocess.run(
            [sys.executable, "-c", SCRIPT, sentry.dsn, PHONE], cwd=CHECKOUT, capture_output=True, text=True, timeout=30
        )
        yield events_of(sentry), b"".join(sentry.raw), ran


def test_a_mistake_of_ours_is_reported_with_its_places(sent):
    events, _, ran = sent

    [event] = [event for event in events if "exception" in event]
    [raised] = event["exception"]["values"]
    assert (ran.returncode, raised["type"], event["logentry"]["message"]) == (0, "ValueError", "a mistake of ours")
    assert [frame["function"] for frame in raised["stacktrace"]["frames"]] == ["<module>", "handle"]
    assert event["tags"] == {"delivery": "d-1", "call": "call-1"}


def test_nothing_that_a_caller_said_is_in_it(sent):
    """No variables, no words of the exception, no fields but ids, no arguments of the process."""
    events, raw, _ = sent

    assert [text for text in (PHONE, "ada@example.com", "cannot call") if text.encode() in raw] == []
    assert all(event.keys() <= {*KEPT, *KEPT_TOO} for event in events)
    frames = [
        frame
        for event in events
        for one in event.get("exception", {}).get("values", ())
        for frame in one["stacktrace"]["frames"]
    ]
    assert [frame for frame in frames if "vars" in frame or "context_line" in frame] == []


def test_a_handlers_mistake_is_one_report_however_often_it_is_tried_and_a_destinations_is_none(sent):
    events, _, _ = sent

    attempts = [event for event in events if "exception" not in event]
    assert [(event["logentry"]["message"], event["tags"]) for event in attempts] == [
        ("slack.post: KeyError at slack.py:7", {"handler": "slack.post", "failure": "raised"})
    ]


def test_what_a_later_version_takes_along_is_left_out():
    event = {
        "event_id": "1", "level": "error", "request": {"data": PHONE}, "user": {"ip": "1"}, "breadcrumbs": [PHONE],
        "extra": {"delivery": "d", "sys.argv": [PHONE]}, "contexts": {"x": PHONE}, "modules": {},
        "exception": {"values": [{"type": "E", "value": PHONE, "mechanism": {"data": PHONE},
                                  "stacktrace": {"frames": [{"lineno": 1, "vars": {"p": PHONE}}]}}]},
    }  # fmt: skip

    assert scrubbed(event, {}) == {
        "event_id": "1", "level": "error", "tags": {"delivery": "d"},
        "exception": {"values": [{"type": "E", "module": None, "stacktrace": {"frames": [{"lineno": 1}]}}]},
    }  # fmt: skip


@pytest.mark.parametrize("dsn", ["", "not a dsn"])
def test_without_a_dsn_or_with_a_wrong_one_nothing_is_reported_and_all_goes_on(caplog, dsn):
    from receiver.telemetry.options import reports_of

    with caplog.at_level(logging.WARNING, "receiver.telemetry"):
        reports = reports_of({"SENTRY_DSN": dsn}, says=True)

    says = ["SENTRY_DSN is set, and it cannot be used (BadDsn)"] if dsn else []
    assert (reports, [record.getMessage() for record in caplog.records]) == (None, says)
