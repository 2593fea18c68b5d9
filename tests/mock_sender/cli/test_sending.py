import json

import pytest

from mock_sender.sign import sign
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


def test_a_secret_that_is_given_and_empty_is_refused_with_what_is_likely():
    ran = mock_sender("call", "--to", "http://127.0.0.1:1/", "--secret", "")

    assert ran.returncode == 2
    assert ran.stderr.startswith("Error: --secret is empty: is the variable in it set in this terminal?")


def test_a_secret_comes_from_the_option_the_variable_or_a_file(tmp_path):
    (tmp_path / "secret").write_text("s\n")
    same = ["--seed", "1", "--timestamp", "1709064000"]

    with a_receiver(say(200)) as receiver:
        mock_sender("send", "x", "--to", receiver.url, *same, "--secret", "s")
        mock_sender("send", "x", "--to", receiver.url, *same, INBOUNDFLOW_SIGNING_SECRET="s")
        mock_sender("send", "x", "--to", receiver.url, *same, "--secret-file", str(tmp_path / "secret"))

    signatures = [headers["X-InboundFlow-Signature"] for headers, _ in receiver.seen]
    assert signatures == [sign("s", 1709064000, body) for _, body in receiver.seen]
    assert len(signatures) == 3


@pytest.mark.parametrize(
    ("given", "sent"), [("Ada", "Ada"), ("7", 7), ("null", None), ("+15550100", "+15550100"), ("NaN", "NaN")]
)
def test_a_field_is_json_or_else_text(given, sent):
    with a_receiver(say(200)) as receiver:
        mock_sender("send", "lead.created", "--to", receiver.url, "--secret", "s", "--field", f"caller_name={given}")

    [(_, body)] = receiver.seen
    assert json.loads(body)["data"]["caller_name"] == sent


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["send", "lead.created"],                                     "--to"),
        (["send", "lead.created", "--to", "http://example.com/x"],     "requires https"),
        (["explode"],                                                  "No such command"),
    ],
)  # fmt: skip
def test_what_is_asked_wrongly_is_explained(arguments, hint):
    ran = mock_sender(*arguments)

    assert ran.returncode == 2
    assert hint in ran.stderr
    assert "Traceback" not in ran.stderr
