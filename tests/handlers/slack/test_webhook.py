import json

import pytest

from receiver.errors import GiveUp, Pause, RetryLater
from tests.handlers.slack.office import KINDS, an_event, texts, webhook


@pytest.mark.parametrize("kind", KINDS)
def test_an_incoming_webhook_gets_a_message_for_each_event(world, kind):
    outcome = webhook(world).attempt(an_event(kind))

    [message] = world.slack.messages
    assert outcome == "ok"
    assert message["metadata"] == {}
    assert "Ada Moreno" in texts(message)


WEBHOOK_OUTCOMES = [
    # status  says                   the run is   waits   with all others
    (429,     "",                    RetryLater,  30,     False),
    (500,     "",                    RetryLater,  None,   False),
    (503,     "",                    RetryLater,  None,   False),
    (400,     "invalid_payload",     GiveUp,      None,   None),
    (400,     "no_text",             GiveUp,      None,   None),
    (400,     "",                    GiveUp,      None,   None),
    (400,     "invalid_token",       Pause,       None,   None),  # github.com/trufflesecurity/trufflehog/pull/5177
    (400,     "no_active_hooks",     Pause,       None,   None),
    (400,     "no_team",             Pause,       None,   None),
    (400,     "team_disabled",       Pause,       None,   None),
    (400,     "user_not_found",      Pause,       None,   None),
    (400,     "channel_not_found",   Pause,       None,   None),
    (400,     "external_channel_migrating", RetryLater, 3600, True),
    (500,     "posting_to_general_channel_denied", Pause, None, None),
    (403,     "action_prohibited",   Pause,       None,   None),
    (403,     "invalid_token",       Pause,       None,   None),
    (404,     "no_service",          Pause,       None,   None),
    (404,     "channel_not_found",   Pause,       None,   None),
    (410,     "channel_is_archived", Pause,       None,   None),
    (302,     "",                    GiveUp,      None,   None),
]  # fmt: skip


@pytest.mark.parametrize(("status", "answer", "outcome", "delay_s", "cooldown"), WEBHOOK_OUTCOMES)
def test_a_webhooks_refusal_decides_what_becomes_of_the_run(world, status, answer, outcome, delay_s, cooldown):
    world.fail("slack", status=status, body=json.dumps(answer), times=2)

    refusal = webhook(world).fail(an_event(), error=outcome)

    assert str(status) in str(refusal)
    assert (getattr(refusal, "delay_s", None), getattr(refusal, "cooldown", None)) == (delay_s, cooldown)
    assert world.url not in str(refusal)
    assert "/services/" not in str(refusal)


@pytest.mark.parametrize("answer", [(400, "invalid_token"), (404, "no_service"), (410, "channel_is_archived")])
def test_a_webhook_that_was_revoked_pauses_and_loses_nothing(world, answer):
    office = webhook(world)
    world.slack.hook = answer

    office.fail(an_event(), error=Pause)
    world.slack.hook = (200, "ok")
    office.attempt(an_event(), attempt=2)

    assert len(world.slack.messages) == 1


@pytest.mark.parametrize(("urgency", "mentions"), [("high", True), ("low", False)])
def test_an_urgent_event_mentions_whoever_should_know(world, urgency, mentions):
    webhook(world, SLACK_URGENT_MENTION="U0ADA").attempt(an_event("lead.created", urgency=urgency))

    assert ("<@U0ADA>" in texts(world.slack.messages[0])) is mentions


@pytest.mark.parametrize("answer", ["invalid_token", "no_active_hooks", ""])
def test_a_webhook_that_refuses_for_another_reason_than_the_layout_is_asked_once(world, answer):
    world.fail("slack", status=400, body=json.dumps(answer))
    world.exchanges = []

    webhook(world).fail(an_event(), error=(Pause, GiveUp))

    assert world.slack.messages == []


def test_a_webhook_that_takes_no_blocks_gets_plain_text(world):
    world.fail("slack", status=400, body='"invalid_blocks"')

    webhook(world).attempt(an_event())

    assert world.slack.messages[0]["blocks"] == []
    assert "Toothache" in world.slack.messages[0]["text"]


def test_a_webhook_on_a_private_address_is_not_called(world):
    office = webhook(world)
    office.env |= {"SLACK_WEBHOOK_URL": "https://127.0.0.1:9/services/secret", "FORWARD_ALLOW_HOSTS": ""}

    assert "private address" in str(office.fail(an_event(), error=GiveUp))
