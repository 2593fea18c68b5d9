import json
import subprocess
from dataclasses import replace

import pytest

from mock_sender import conformance
from mock_sender.conformance.evidence import evidence, redacted
from tests.mock_sender.conformance.seen import PREVIOUS, a_probe, answered
from tests.mock_sender.conformance.seen import SECRET as KEY
from tests.receivers.right import right

SECRET = 'whsec_"<&>-of-the-tests'


def test_the_command_of_a_failed_check_repeats_it():
    with right(SECRET, "crashes-on-unknown-events") as receiver:
        shown = conformance.run(receiver.url, SECRET, only=[60]).results[0].evidence[0]
        ran = subprocess.run(["bash", "-c", shown.command], env={"SECRET": SECRET, "PATH": "/usr/bin:/bin"},
                             capture_output=True, text=True)  # fmt: skip

    assert ran.stdout.split()[1] == shown.came_back[:3] == "500"


QUOTED = 'a"b\\c'
HIDDEN = [
    # the text                              the secrets            what is shown
    (f"key {KEY}!",                         [KEY],                 "key [the secret]!"),
    (f"key {QUOTED}!",                      [QUOTED],              "key [the secret]!"),
    (f"{PREVIOUS} {KEY}",                   [KEY, PREVIOUS],       "[the secret] [the secret]"),
    (json.dumps({"key": QUOTED}),           [QUOTED],              '{"key": "[the secret]"}'),
    (json.dumps("clé"),                     ["clé"],               '"[the secret]"'),
    ("nothing",                             [""],                  "nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "secrets", "shown"), HIDDEN)
def test_a_secret_is_hidden_however_it_is_written(text, secrets, shown):
    assert redacted(text, secrets) == shown


def seen(request, answer=None, **changes):
    probe = a_probe()
    probe.noted([request(probe)], [answer or answered()])
    [shown] = evidence(probe)
    return shown


def test_three_exchanges_are_shown_and_those_that_went_wrong_first():
    probe = a_probe()
    answers = [answered(status) for status in (200, 201, 202, 500, 501)]
    probe.noted([probe.genuine() for _ in answers], answers)
    for answer in answers:
        probe.mark(answer, answer.status < 500)

    assert [shown.came_back[:3] for shown in evidence(probe)] == ["500", "501", "200"]


def test_what_came_back_is_shown_without_the_secret_and_cut():
    shown = seen(lambda probe: probe.genuine(), answered(500, f"{KEY} {'x' * 5000}", headers=(("X-Key", KEY),)))

    assert shown.came_back.startswith("500, after 0.50 s\nX-Key: [the secret]\n\n[the secret] xxx")
    assert shown.came_back.endswith("bytes in all)")
    assert KEY not in shown.came_back


def test_what_was_not_answered_is_shown_by_its_failure():
    assert seen(lambda probe: probe.genuine(), answered(None, failure="no answer in 10 s")).came_back == (
        "no answer in 10 s"
    )


COMMANDS = [
    # the request                                               the command that repeats it holds
    (lambda probe: probe.genuine(),                             '-H "X-InboundFlow-Signature: sha256=$S"'),
    (lambda probe: probe.troubled("no-signature"),              "--trouble no-signature"),
    (lambda probe: probe.troubled("gzip"),                      "mock-sender send call.completed --to http://127.0.0.1:9/"),
    (lambda probe: replace(probe.genuine(), body=b"\0"),        "# curl cannot send this"),
    (lambda probe: replace(probe.genuine(), cut_at=9),          "nc 127.0.0.1 9"),
    (lambda probe: replace(probe.genuine(), body=b"x" * 9000),  "# curl cannot send this"),
    (lambda probe: replace(probe.genuine(), method="GET"),      "curl -i -X GET http://127.0.0.1:9/webhooks"),
]  # fmt: skip


@pytest.mark.parametrize(("request_of", "words"), COMMANDS, ids=range(len(COMMANDS)))
def test_a_command_repeats_what_was_sent_where_a_shell_can(request_of, words):
    command = seen(request_of).command

    assert words in command
    assert KEY not in command


def test_a_delivery_of_long_ago_is_repeated_as_far_from_now():
    old = seen(lambda probe: replace(probe.draft(), timestamp=probe.draft().now - 600).request()).command

    assert "T=$(($(date +%s) -600))" in old
