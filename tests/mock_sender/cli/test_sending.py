import json

import pytest

from mock_sender import payloads
from tests.support.sender import a_receiver, mock_sender, say


def test_call_sends_four_events_and_exits_with_0():
    with a_receiver(say(200, b'{"status": "stored"}')) as receiver:
        ran = mock_sender("call", "--to", receiver.url, "--secret", "s", "--json")

    sent = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.returncode == 0
    assert [one["said"] for one in sent] == ["stored"] * 4
    assert [one["delivery_id"] for one in sent] == [
        headers["X-InboundFlow-Delivery-Id"] for headers, _ in receiver.seen
    ]


def test_a_delivery_that_is_not_acknowledged_makes_it_exit_with_1_and_say_why():
    with a_receiver(say(503, b'{"reason": "not-stored", "detail": "Send it again."}')) as receiver:
        ran = mock_sender("send", "lead.created", "--to", receiver.url, "--secret", "s")

    assert ran.returncode == 1
    assert "503 not-stored: Send it again." in ran.stdout


LANGUAGES = [
    # variables                                                   asked          what the caller speaks
    ({},                                                          (),               "en"),
    ({"LANG": "es_MX.UTF-8"},                                     (),               "es"),
    ({"LANG": "es_MX.UTF-8", "BUSINESS_LANGUAGE": "en"},          (),               "en"),
    ({"BUSINESS_LANGUAGE": "es"},                                 (),               "es"),
    ({"BUSINESS_LANGUAGE": "es"},                                 ("--lang", "en"), "en"),
]  # fmt: skip


@pytest.mark.parametrize(("env", "asked", "spoken"), LANGUAGES)
def test_callers_speak_the_language_of_the_receiver_here_or_of_the_terminal(env, asked, spoken):
    ran = mock_sender("payload", "call.transferred", *asked, **env)

    assert json.loads(ran.stdout)["data"]["reason"] == payloads.LANGUAGES[spoken].why


@pytest.mark.parametrize(
    ("given", "sent"), [("Ada", "Ada"), ("7", 7), ("null", None), ("+15550100", "+15550100"), ("NaN", "NaN")]
)
def test_a_field_is_json_or_else_text(given, sent):
    with a_receiver(say(200)) as receiver:
        mock_sender("send", "lead.created", "--to", receiver.url, "--secret", "s", "--field", f"caller_name={given}")

    [(_, body)] = receiver.seen
    assert json.loads(body)["data"]["caller_name"] == sent


@pytest.mark.parametrize("kind", ["emoji", "no-signature"])
def test_trouble_goes_over_a_connection_too(account, receiver, kind):
    account("connect", receiver.url, "--secret", "s")

    account("call", "--trouble", kind)

    odd = {
        "emoji": lambda h, body: "👩🏽‍⚕️" in body.decode(),
        "no-signature": lambda h, _: "X-InboundFlow-Signature" not in h,
    }
    assert [odd[kind](*one) for one in receiver.seen] == [True] * 4
