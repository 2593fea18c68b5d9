import json

import pytest

from handlers.slack.bot import check_bot
from mock_sender.destinations.slack import URGENT_CHANNEL
from receiver.errors import Pause, RetryLater


def test_each_channel_that_is_set_is_read_and_nothing_is_posted(world):
    lines = list(check_bot(world.env | {"SLACK_URGENT_CHANNEL": URGENT_CHANNEL}))

    assert lines == [
        "Slack takes the token",
        "the bot can read the channel in SLACK_CHANNEL",
        "the bot can read the channel in SLACK_URGENT_CHANNEL",
    ]
    assert world.slack.messages == []


def answer_with_scopes(world, scopes, header="x-oauth-scopes"):
    world.fail("slack", status=200, body=json.dumps({"ok": True}), headers={header: scopes}, path="auth.test")


@pytest.mark.parametrize("header", ["x-oauth-scopes", "X-OAuth-Scopes"])
def test_a_token_without_the_scope_to_write_is_told_before_a_call_comes(world, header):
    answer_with_scopes(world, "channels:history, chat:write.public", header)

    with pytest.raises(Pause, match="chat:write"):
        list(check_bot(world.env))


def test_a_token_with_the_scope_to_write_is_fine(world):
    answer_with_scopes(world, "channels:history,chat:write")

    assert "Slack takes the token" in list(check_bot(world.env))


def test_a_refusal_names_the_variable_of_its_channel(world):
    with pytest.raises(Pause, match="SLACK_URGENT_CHANNEL should be the channel's id"):
        list(check_bot(world.env | {"SLACK_URGENT_CHANNEL": "C0ELSEWHERE"}))


def test_a_slack_that_cannot_be_reached_is_told(world):
    with pytest.raises(RetryLater, match="cannot be reached"):
        list(check_bot(world.env | {"SLACK_API_URL": "http://127.0.0.1:9/api/"}))
