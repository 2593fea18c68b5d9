"""Alerts, as they arrive at real places: Slack by webhook and by bot, a mail server, Resend, and any URL."""

import email
import json
from email import policy

import pytest

from receiver.errors import GiveUp, Pause, RetryLater
from receiver.registry import Notice, notifiers
from tests.support.tools import completed

NOTICE = Notice(
    key="5f3",
    kind="attention",
    title="Needs attention: Slack is on hold",
    lines=("→ Put that right, then: `receiver resume slack.post`", "<b> & co"),
    at_us=1_790_000_000_000_000,
    items=({"state": "attention", "kind": "on_hold", "place": "slack.post"},),
)
OFF = ["email.alert", "forward.alert", "slack.alert"]


def ways(env):
    return {each.handler.name: each for each in notifiers("handlers", env)}


def tell(env, name, notice=NOTICE):
    way = ways(env)[name]
    assert way.state == "on", way.why
    return [way.handler.function(notice, settings) for settings in way.targets.values()]


@pytest.fixture
def slack(world):
    """Its bot, and a webhook."""
    bot = {name: world.env[name] for name in ("SLACK_BOT_TOKEN", "SLACK_CHANNEL", "SLACK_API_URL")}
    return bot | {
        "ALERT_SLACK_CHANNEL": "C0URGENT",
        "FORWARD_ALLOW_HOSTS": world.slack_webhook_url.split("/")[2],
    }


def test_by_a_bot_in_another_channel(world, slack):
    [outcome] = tell(slack, "slack.alert")

    [message] = world.slack.messages
    assert (message["channel"], outcome.split()[0]) == ("C0URGENT", "C0URGENT")
    assert message["text"] == (
        ":warning: Needs attention: Slack is on hold\n"
        "→ Put that right, then: `receiver resume slack.post`\n&lt;b&gt; &amp; co"
    )


def test_by_a_webhook(world, slack):
    env = {"FORWARD_ALLOW_HOSTS": slack["FORWARD_ALLOW_HOSTS"], "ALERT_SLACK_WEBHOOK_URL": world.slack_webhook_url}

    assert tell(env, "slack.alert") == ["ok"]
    assert world.slack.messages[0]["text"].startswith(":warning: Needs attention: Slack is on hold\n→ Put")


def test_a_webhook_that_is_gone_is_told_by_the_name_of_its_variable(world, slack):
    url = world.slack_webhook_url
    world.slack.hook = (404, "no_service")

    with pytest.raises(Pause, match="ALERT_SLACK_WEBHOOK_URL was revoked"):
        tell({"FORWARD_ALLOW_HOSTS": slack["FORWARD_ALLOW_HOSTS"], "ALERT_SLACK_WEBHOOK_URL": url}, "slack.alert")


def test_a_bot_that_may_not_post_there_is_told(world, slack):
    with pytest.raises(Pause, match="ALERT_SLACK_CHANNEL"):
        tell(slack | {"ALERT_SLACK_CHANNEL": "CNOWHERE"}, "slack.alert")


def test_by_a_mail_server_to_each_recipient(world):
    env = world.smtp_env | {"EMAIL_TO": "", "ALERT_EMAIL": "ana@acme.example, bo@acme.example"}
    tell(env, "email.alert")

    assert [taken["to"] for taken in world.mail.messages] == [["ana@acme.example"], ["bo@acme.example"]]
    mime = email.message_from_bytes(world.mail.messages[0]["bytes"], policy=policy.default)
    assert (mime["Subject"], mime["Auto-Submitted"]) == ("Needs attention: Slack is on hold", "auto-generated")
    text, html = (part.get_content() for part in mime.iter_parts())
    assert "→ Put that right, then: `receiver resume slack.post`" in text
    assert "<p>&lt;b&gt; &amp; co</p>" in html


def test_by_resend_once_whoever_sends_it_again(world):
    env = world.email_env | {"EMAIL_TO": "", "ALERT_EMAIL": "ana@acme.example"}

    assert tell(env, "email.alert") == tell(env, "email.alert")
    assert len(world.resend.emails) == 1


def test_to_any_url_as_json(world):
    env = {
        "ALERT_URL": world.forward_env["FORWARD_URL"].split()[0],
        "FORWARD_ALLOW_HOSTS": world.forward_env["FORWARD_ALLOW_HOSTS"],
    }

    assert tell(env, "forward.alert") == ["200"]
    [exchange] = [each for each in world.exchanges if each.method == "POST"]
    document = json.loads(exchange.body)
    assert (document["kind"], document["title"], document["items"]) == (
        "attention", "Needs attention: Slack is on hold", [dict(NOTICE.items[0])],
    )  # fmt: skip
    assert document["text"].startswith(document["title"])


def test_a_private_address_is_refused_unless_it_is_allowed(world):
    env = {"ALERT_URL": "https://127.0.0.1:1/x"}

    with pytest.raises(GiveUp, match="private address"):
        tell(env, "forward.alert")


@pytest.mark.parametrize("status", [500, 429])
def test_a_url_that_refuses_is_told(world, status):
    world.fail("forward", status=status, times=1)
    env = {
        "ALERT_URL": world.forward_env["FORWARD_URL"].split()[0],
        "FORWARD_ALLOW_HOSTS": world.forward_env["FORWARD_ALLOW_HOSTS"],
    }

    with pytest.raises(RetryLater, match=f"ALERT_URL answered {status}"):
        tell(env, "forward.alert")


def test_without_variables_of_their_own_none_is_on(world):
    """What is set for the calls turns no alert on, and is no half of one."""
    env = world.env | world.smtp_env | world.forward_env

    assert {name: way.state for name, way in ways(env).items()} == dict.fromkeys(OFF, "off")


@pytest.mark.parametrize(
    ("env", "name", "why"),
    [
        ({"ALERT_SLACK_CHANNEL": "C1"}, "slack.alert", "SLACK_BOT_TOKEN"),
        ({"ALERT_SLACK_CHANNEL": "#a", "SLACK_BOT_TOKEN": "xoxb-1"}, "slack.alert", "the channel's id"),
        ({"ALERT_SLACK_CHANNEL": "C1", "SLACK_CHANNEL": "C1", "SLACK_BOT_TOKEN": "xoxb-1"}, "slack.alert", "same as SLACK_CHANNEL"),
        ({"ALERT_SLACK_WEBHOOK_URL": "https://a.b/c", "SLACK_WEBHOOK_URL": "https://a.b/c"}, "slack.alert", "same as SLACK_WEBHOOK_URL"),
        ({"ALERT_SLACK_WEBHOOK_URL": "http://a.b/c"}, "slack.alert", "https://"),
        ({"ALERT_EMAIL": "a@b.example"}, "email.alert", "EMAIL_FROM"),
        ({"ALERT_EMAIL": "a", "EMAIL_FROM": "x@acme.example", "SMTP_URL": "smtp://h"}, "email.alert", "ALERT_EMAIL should hold"),
        ({"ALERT_URL": "ftp://a.b"}, "forward.alert", "ALERT_URL should begin with https"),
    ],
)  # fmt: skip
def test_what_is_set_by_half_or_wrongly_is_told(env, name, why):
    way = ways(env)[name]

    assert way.state == "misconfigured"
    assert why in way.why


def test_the_check_asks_slack_and_the_mail_server_and_posts_nothing(world, slack):
    env = slack | world.smtp_env | {"ALERT_EMAIL": "ana@acme.example"}
    lines = [
        line
        for way in ways(env).values()
        if way.state == "on" and way.handler.check
        for settings in way.targets.values()
        for line in way.handler.check(settings)
    ]

    assert lines == ["Slack takes the token", "localhost can be reached, and takes user and password"]
    assert (world.slack.messages, world.mail.messages) == ([], [])


def test_a_call_still_goes_where_it_went(world):
    from handlers.email import send
    from tests.support.tools import a_run

    send(completed(), a_run("email.send", world.smtp_env, completed()))

    assert len(world.mail.messages) == 1
