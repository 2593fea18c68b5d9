"""What the played Slack refuses, by what is known of the real one."""

import json

import pytest

from mock_sender.destinations.slack import CHANNEL, HOOK, TOKEN, Slack

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Open"}, "url": "https://x.example"}
METADATA = {"event_type": "inboundflow_event", "event_payload": {"delivery_id": "d-1"}}


@pytest.fixture
def slack():
    return Slack()


def ask(slack, method, token=TOKEN, **asked):
    head = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return slack.answer("POST", f"/api/{method}", "", head, json.dumps({"channel": CHANNEL} | asked).encode())[1]


def post(slack, **asked):
    return ask(slack, "chat.postMessage", **{"text": "a call"} | asked)


def test_a_reply_to_a_message_that_is_gone_stands_in_the_channel(slack):
    parent = post(slack)["ts"]
    slack.delete(parent)

    answer = post(slack, thread_ts=parent)

    assert (answer["ok"], "thread_ts" in answer["message"]) == (True, False)


def test_a_reply_in_a_locked_thread_is_refused_and_its_first_message_can_be_edited(slack):
    parent = post(slack)["ts"]
    slack.locked.add(parent)

    assert post(slack, thread_ts=parent) == {"ok": False, "error": "restricted_action_thread_locked"}
    assert ask(slack, "chat.update", ts=parent, text="new")["ok"] is True


KEPT = [({}, "d-1"), ({"metadata": {}}, None)]


@pytest.mark.parametrize(("more", "delivery"), KEPT)
def test_an_edit_keeps_the_metadata_that_it_does_not_give_and_loses_the_blocks(slack, more, delivery):
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": "a call"}}]
    ts = post(slack, metadata=METADATA, blocks=blocks)["ts"]

    ask(slack, "chat.update", ts=ts, text="new", **more)

    [message] = slack.messages
    assert (message["delivery_id"], message["blocks"], message["text"]) == (delivery, [], "new")


@pytest.mark.parametrize("block", [{"type": "actions", "elements": [BUTTON]}, {"type": "section", "accessory": BUTTON}])
def test_buttons_are_refused(slack, block):
    assert post(slack, blocks=[block]) == {"ok": False, "error": "invalid_blocks"}


@pytest.mark.parametrize("code", ["external_channel_migrating", "is_archived", "not_in_channel"])
def test_a_channel_can_be_closed(slack, code):
    slack.closed[CHANNEL] = code

    assert post(slack) == {"ok": False, "error": code}


@pytest.mark.parametrize(("token", "code"), [("xapp-1", "not_allowed_token_type"), ("xoxb-other", "invalid_auth")])
def test_a_token_of_the_wrong_type_is_told_from_a_wrong_one(slack, token, code):
    assert post(slack, token=token) == {"ok": False, "error": code}


@pytest.mark.parametrize("answer", [(200, "ok"), (400, "invalid_token"), (410, "channel_is_archived")])
def test_a_webhook_can_be_revoked(slack, answer):
    slack.hook = answer

    assert slack.answer("POST", HOOK, "", {}, b'{"text": "a call"}') == answer
    assert len(slack.messages) == (answer[0] == 200)


def test_a_bot_deletes_its_own_and_nobody_elses(slack):
    own = post(slack)["ts"]
    others = slack.say("a person's")
    slack.answer("POST", HOOK, "", {}, b'{"text": "a webhook"}')

    answers = [ask(slack, "chat.delete", ts=ts) for ts in (own, own, others, slack.messages[-1]["ts"])]

    assert [answer.get("error", "") for answer in answers] == ["", "message_not_found", *["cant_delete_message"] * 2]
    assert [message["text"] for message in slack.messages] == ["a person's", "a webhook"]


def test_a_deleted_parent_is_a_tombstone_until_its_last_reply_is_gone(slack):
    parent = post(slack)["ts"]
    replies = [post(slack, thread_ts=parent)["ts"] for _ in range(2)]

    ask(slack, "chat.delete", ts=parent)
    assert [message.get("subtype") for message in slack.messages] == ["tombstone", None, None]
    again = ask(slack, "chat.delete", ts=parent)
    for reply in replies:
        ask(slack, "chat.delete", ts=reply)

    assert (again["error"], slack.messages) == ("cant_delete_message", [])


def test_a_workspace_can_keep_all(slack):
    own = post(slack)["ts"]
    slack.keeps_all = True

    assert ask(slack, "chat.delete", ts=own)["error"] == "compliance_exports_prevent_deletion"
