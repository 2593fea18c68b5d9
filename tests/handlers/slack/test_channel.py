import json
from itertools import count

import pytest

from mock_sender.destinations.slack import CHANNEL
from receiver.errors import GiveUp, LeaseLost
from receiver.toolkit import within
from tests.handlers.slack.office import KINDS, an_event


def test_an_edited_parent_keeps_its_metadata(office):
    for kind in KINDS:
        office.attempt(an_event(kind))

    [(parent, _)] = office.channel()
    payload = {"delivery_id": "d-call.completed", "call_id": "call-1"}
    assert parent["metadata"] == {"event_type": "inboundflow_event", "event_payload": payload}


def test_a_message_is_found_behind_many_others(office):
    office.attempt(an_event("call.completed"))
    for number in range(450):
        office.world.slack.post({"channel": CHANNEL, "text": str(number)})
    office.attempt(an_event("call.completed"), attempt=2)

    assert sum(message["delivery_id"] == "d-call.completed" for message in office.world.slack.messages) == 1


def test_a_reply_is_found_behind_many_others(office):
    office.attempt(an_event("call.completed"))
    [(parent, _)] = office.channel()
    for number in range(450):
        office.world.slack.post({"channel": CHANNEL, "text": str(number), "thread_ts": parent["ts"]})
    first = office.attempt(an_event("lead.created"))

    assert office.attempt(an_event("lead.created"), attempt=2) == first


def test_a_worker_that_lost_its_lease_writes_nothing(office):
    checks = count()

    def check_lease():
        if next(checks):
            raise LeaseLost

    office.attempt(an_event("call.completed"))
    with pytest.raises(LeaseLost):
        office.attempt(an_event("lead.created"), check_lease=check_lease)

    assert [ids for _, ids in office.channel()] == [["d-call.completed"]]


@pytest.mark.parametrize(
    "code", ["invalid_blocks", "msg_too_long", "msg_blocks_too_long", "invalid_arguments", "no_text"]
)
@pytest.mark.parametrize("path", ["chat.postMessage", "chat.update"])
def test_what_slack_does_not_take_in_blocks_is_said_in_plain_text(office, code, path):
    if path == "chat.update":
        office.attempt(an_event("lead.created"))
    office.world.fail("slack", status=200, body=json.dumps({"ok": False, "error": code}), path=path)
    office.attempt(an_event("call.completed"))

    message = office.world.slack.messages[0]
    assert message["blocks"] == []
    assert "\nPhone: +1 5550100\n" in message["text"]
    assert message["text"].endswith("Toothache")


def test_what_slack_takes_neither_way_is_given_up(office):
    office.world.fail("slack", status=200, body='{"ok": false, "error": "invalid_blocks"}', path="chat.post", times=2)

    assert "invalid_blocks" in str(office.fail(an_event(), error=GiveUp))


@pytest.mark.parametrize("mode", ["reset", "drop"])
def test_no_answer_is_tried_again(office, mode):
    office.world.fail("slack", mode=mode, path="chat.postMessage")

    assert "did not answer" in str(office.fail(an_event()))


def test_a_slack_that_cannot_be_reached_is_tried_again(office):
    office.env["SLACK_API_URL"] = "http://127.0.0.1:9/api/"

    assert "did not answer" in str(office.fail(an_event()))


def test_no_request_is_begun_once_the_attempts_time_is_up(office):
    with within(0):
        refusal = office.fail(an_event())
        looked = office.fail(an_event(), attempt=2)

    assert (refusal.failure, looked.failure) == ("timeout", "timeout")
    assert office.world.exchanges == []
