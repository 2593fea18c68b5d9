import pytest

from receiver import registry
from tests.handlers.slack.office import KINDS, Office, an_event, texts

HOSTILE = [
    "<!channel>", "<!everyone>", "<@U123>", "<https://evil.example|Your bank>", "*bold* _it_ ~no~ `code`", ":tada:",
    "a\nb\r\nc", "\u202egnp.exe", "\x00\x07\ud800", "x" * 50_000, "&" * 50_000, "🦷" * 50_000, "   ", "\u2066\u2069",
    "@channel #general", "[x](https://evil.example)",
]  # fmt: skip


SPOKEN = (
    "caller_name", "caller_phone", "caller_email", "summary", "intent", "urgency", "service_type", "interest", "reason",
    "transferred_to_label", "appointment_time_start", "recording_url", "calendar_event_link", "call_id", "started_at",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_what_a_caller_says_mentions_nobody_links_nowhere_and_breaks_nothing(office, text):
    for kind in [*KINDS, "other.kind"]:
        office.attempt(an_event(kind, **dict.fromkeys(SPOKEN, text)))

    for message in office.world.slack.messages:
        assert "<" not in "".join(texts(message))
        marked = [part for block in message["blocks"] for part in (block.get("text"), *block.get("fields", [])) if part]
        assert not any("bold" in part["text"] for part in marked if part["type"] == "mrkdwn")
        assert all(part["emoji"] is False for part in marked if part["type"] == "plain_text")
        assert "actions" not in [block["type"] for block in message["blocks"]]
        assert "\n" not in texts(message)[1]


def test_a_business_reads_its_own_language_and_clock(world):
    office = Office(world, BUSINESS_LANGUAGE="es", BUSINESS_TIMEZONE="Europe/Madrid")
    office.attempt(an_event("appointment.booked", caller_phone="+34912345678", urgency="high"))
    office.attempt(an_event("lead.created", urgency="high"))

    [(parent, _)] = office.channel()
    shown = set(texts(parent))
    assert {"*Teléfono*", "<tel:+34912345678|+34 912 34 56 78>", "*Cita*", "mié 25 feb 2026, 12:00", "Alta"} <= shown
    assert "🚨 Urgente: Ada Moreno · Root canal" in shown
    assert "Cita reservada · Nuevo interesado" in shown


def test_one_message_a_second_is_posted():
    handler = registry.load("handlers")["slack.post"]

    assert (handler.pace_s, handler.parallel) == (1, 1)


MISCONFIGURED = [
    ({"SLACK_WEBHOOK_URL": "http://hooks.slack.com/services/s3cret"},  "https://"),
    ({"SLACK_WEBHOOK_URL": "hooks.slack.com/services/s3cret"},         "https://"),
    ({"SLACK_WEBHOOK_URL": "https://u:s3cret@hooks.slack.com/x"},      "user name"),
    ({"SLACK_WEBHOOK_URL": "https://[s3cret/x"},                       "copy it again"),
    ({"SLACK_WEBHOOK_URL": "https://hooks.slack.com:s3cret/x"},        "copy it again"),
    ({"SLACK_BOT_TOKEN": "xapp-s3cret", "SLACK_CHANNEL": "C1"},         "xoxb-"),
    ({"SLACK_BOT_TOKEN": "xoxp-s3cret", "SLACK_CHANNEL": "C1"},         "a user's token: copy the bot's"),
    ({"SLACK_BOT_TOKEN": "xoxe-1-s3cret", "SLACK_CHANNEL": "C1"},       "refreshes: copy the bot's"),
    ({"SLACK_BOT_TOKEN": "Bearer xoxb-s3cret", "SLACK_CHANNEL": "C1"},  "begins with xoxb-"),
    ({"SLACK_BOT_TOKEN": "s3cret", "SLACK_CHANNEL": "C1"},              "begins with xoxb-"),
    ({"SLACK_BOT_TOKEN": "https://hooks.slack.com/s3cret", "SLACK_CHANNEL": "C1"}, "begins with xoxb-"),
    ({"SLACK_BOT_TOKEN": "“xoxb-s3cret”", "SLACK_CHANNEL": "C1"},       "quotes"),
    ({"SLACK_BOT_TOKEN": "xoxb-s3 cret", "SLACK_CHANNEL": "C1"},        "copy it again"),
    ({"SLACK_BOT_TOKEN": "xoxb-…", "SLACK_CHANNEL": "C1"},              "put your own value there"),
    ({"SLACK_BOT_TOKEN": '"xoxb-s3cret"', "SLACK_CHANNEL": "C1"},       "quotes"),
    ({"SLACK_BOT_TOKEN": "xoxb-t", "SLACK_CHANNEL": "C1", "SLACK_URGENT_MENTION": "@ada"}, "SLACK_URGENT_MENTION should"),
    ({"SLACK_BOT_TOKEN": "xoxb-t", "SLACK_CHANNEL": "C1", "SLACK_URGENT_MENTION": "U1 " * 9}, "make a user group"),
    ({"SLACK_BOT_TOKEN": "xoxb-t", "SLACK_CHANNEL": "#calls"},         "SLACK_CHANNEL should be the channel's id, C…"),
    ({"SLACK_BOT_TOKEN": "xoxb-t", "SLACK_CHANNEL": "calls"},          "open the channel's details"),
    ({"SLACK_BOT_TOKEN": "xoxb-t", "SLACK_CHANNEL": "@ada"},           "SLACK_CHANNEL"),
    ({"SLACK_BOT_TOKEN": "xoxb-t", "SLACK_CHANNEL": "C1", "SLACK_URGENT_CHANNEL": "#urgent"}, "SLACK_URGENT_CHANNEL should"),
]  # fmt: skip


@pytest.mark.parametrize(("env", "why"), MISCONFIGURED)
def test_settings_that_cannot_work_are_told(env, why):
    activation = registry.load("handlers")["slack.post"].activate(env)

    assert activation.state == "misconfigured"
    assert why in activation.why
    assert "s3cret" not in activation.why


@pytest.mark.parametrize("token", ["xoxb-1-t", "xoxe.xoxb-1-t"])
def test_a_bots_token_is_taken_also_one_that_rotates(token):
    env = {"SLACK_BOT_TOKEN": token, "SLACK_CHANNEL": "C1"}

    assert registry.load("handlers")["slack.post"].activate(env).state == "on"
