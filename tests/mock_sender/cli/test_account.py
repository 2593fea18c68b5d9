"""The command line with connections: what is set up, counted, disabled, and sent once more."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from itertools import pairwise

import pytest

from tests.support.processes import CHECKOUT, until
from tests.support.sender import a_receiver, mock_sender, say


class Account:
    def __init__(self, path):
        self.path = path

    def __call__(self, *arguments):
        return mock_sender(*arguments, MOCK_SENDER_DB=str(self.path))

    def json(self, *arguments):
        ran = self(*arguments, "--json")
        assert "Traceback" not in ran.stderr, ran.stderr
        lines = [json.loads(line) for line in ran.stdout.splitlines()]
        return lines[0] if len(lines) == 1 else lines


@pytest.fixture
def account(tmp_path):
    return Account(tmp_path / "sender.db")


@pytest.fixture
def receiver():
    with a_receiver(say(200, b'{"status": "stored"}')) as receiver:
        yield receiver


def test_a_webhook_is_connected_tested_and_gets_the_events_it_chose(account, receiver):
    made = account.json(
        "connect", receiver.url, "--secret", "s", "--event", "lead.created", "--event", "call.completed"
    )
    test = account.json("test")
    sent = account.json("call")

    assert (made["name"], made["events"], made["lives"]) == ("custom", ["lead.created", "call.completed"], 10)
    assert (test["event"], test["state"], test["test"]) == ("lead.created", "delivered", True)
    assert [one["event"] for one in sent] == ["lead.created", "call.completed"]
    assert len(receiver.seen) == 3


def test_the_tenth_failure_disables_it_and_every_command_says_what_to_do(account, receiver):
    receiver.answer = say(500)
    account("connect", receiver.url, "--secret", "s", "--name", "office")

    account("call", "--count", "3")

    status = account("status")
    assert status.returncode == 1
    assert "mock-sender reconnect office" in status.stdout
    assert len(receiver.seen) == 10
    assert [one["state"] for one in account.json("log", "--failed")] == ["failed"] * 10 + ["missed"] * 2
    assert "reconnect it first" in account("resend", "1").stderr


def test_reconnecting_gives_all_lives_back_and_what_was_missed_can_be_sent(account, receiver):
    receiver.answer = say(500)
    account("connect", receiver.url, "--secret", "s")
    account("call", "--count", "3")
    receiver.answer = say(200)

    assert account.json("reconnect")["lives"] == 10
    resent = account("resend", "--missed")

    assert (resent.returncode, len(receiver.seen)) == (0, 12)
    assert account("status").returncode == 0


def test_show_has_every_byte_of_every_attempt(account, receiver):
    account("connect", receiver.url, "--secret", "s")
    account("send", "lead.created", "--field", "caller_name=Ada")

    shown = account("show", "1").stdout
    [attempt] = account.json("show", "1")["tries"]

    assert "X-InboundFlow-Signature: sha256=" in shown
    assert '"caller_name":"Ada"' in shown
    assert "stored" in shown
    assert attempt["request"].encode().endswith(receiver.seen[0][1])


def test_a_secret_is_shown_by_no_command(account, receiver):
    secret = "so very secret"
    outputs = [account("connect", receiver.url, "--secret", secret, "--name", "one")]
    for command in (["test"], ["call"], ["status"], ["log"], ["show", "2"], ["reconnect"], ["status", "--json"]):
        outputs.append(account(*command))

    assert not [one for one in outputs if secret in one.stdout + one.stderr]


def test_a_day_of_calls_is_sent_to_the_connections_and_summed_up(account, receiver):
    account("connect", receiver.url, "--secret", "s")

    day = account.json("traffic", "--calls", "12", "--date", "2026-03-03", "--seed", "5", "--speed", "1000000")

    assert day["planned"] == day["delivered"] == len(receiver.seen) > 12
    assert day["connections"][0]["failures"] == 0


def test_the_same_seed_plays_the_same_day(receiver):
    arguments = [
        "traffic",
        "--to",
        receiver.url,
        "--secret",
        "s",
        "--calls",
        "6",
        "--date",
        "2026-03-03",
        "--speed",
        "1e6",
    ]
    for _ in range(2):
        assert mock_sender(*arguments, "--seed", "7").returncode == 0

    bodies = [body for _, body in receiver.seen]
    assert sorted(bodies[: len(bodies) // 2]) == sorted(bodies[len(bodies) // 2 :])


def test_the_same_seed_makes_the_same_trouble_however_long_the_answers_take(account, receiver):
    receiver.answer = lambda handler: (time.sleep(0.05 * random.random()), say(200)(handler))
    for name in ("one", "two"):
        account("connect", receiver.url, "--secret", "s", "--name", name)
    day = ["traffic", "--calls", "10", "--date", "2026-03-03", "--speed", "1e6", "--seed", "7"]

    for _ in range(2):
        assert account(*day, "--trouble", "emoji=0.5", "--trouble", "missing-fields=0.5").returncode == 0

    bodies = [body for _, body in receiver.seen]
    assert sorted(bodies[: len(bodies) // 2]) == sorted(bodies[len(bodies) // 2 :])


def test_a_stopped_day_sends_no_more_and_is_summed_up(receiver):
    receiver.answer = lambda handler: (time.sleep(0.2), say(200)(handler))
    command = ["traffic", "--to", receiver.url, "--secret", "s", "--calls", "400", "--speed", "1e6", "--json"]

    with subprocess.Popen(
        [sys.executable, "-m", "mock_sender", *command],
        cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        until(lambda: len(receiver.seen) > 32, what="a third delivery of every thread, with all the day behind it")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    day = json.loads(out)
    assert (process.returncode, day["stopped"], err.count("Traceback")) == (130, True, 0), err
    assert day["delivered"] == len(receiver.seen) < day["planned"] / 2


def test_trouble_comes_at_the_rate_that_was_asked_for(receiver):
    arguments = ["--calls", "20", "--speed", "1e6", "--seed", "1", "--trouble", "no-signature=0.3"]

    mock_sender("traffic", "--to", receiver.url, "--secret", "s", *arguments)

    forged = sum("X-InboundFlow-Signature" not in headers for headers, _ in receiver.seen)
    assert 0.15 < forged / len(receiver.seen) < 0.45


@pytest.mark.parametrize("kind", ["emoji", "no-signature"])
def test_trouble_goes_over_a_connection_too(account, receiver, kind):
    account("connect", receiver.url, "--secret", "s")

    account("call", "--trouble", kind)

    odd = {
        "emoji": lambda h, body: "👩🏽‍⚕️" in body.decode(),
        "no-signature": lambda h, _: "X-InboundFlow-Signature" not in h,
    }
    assert [odd[kind](*one) for one in receiver.seen] == [True] * 4


def test_a_retry_is_made_by_what_was_asked(account, receiver):
    account("connect", receiver.url, "--secret", "s", "--retries", "slack", "--same-signature")

    [one] = [account.json("status")]
    assert [(one["retries"], one["resign"]) for one in one] == [("slack", False)]
    assert account.json("edit", "--fresh-signature", "--retries", "none")["resign"] is True


def test_a_retry_is_made_when_it_is_due_and_no_sooner(account, receiver):
    receiver.answer = say(500)
    account("connect", receiver.url, "--secret", "s", "--retries", "eager")
    account("send", "lead.created")
    early = account("retry")
    receiver.answer = say(200)

    late = account.json("retry", "--until-none")
    made_at = [one["at"] for one in account.json("show", "1")["tries"]]

    assert (early.stdout, late["state"], late["attempts"]) == (early.stdout, "delivered", early.stdout.count("500") + 2)
    assert [later - earlier >= 1.0 for earlier, later in pairwise(made_at)] == [True] * (len(made_at) - 1)
    assert len({headers["X-InboundFlow-Delivery-Id"] for headers, _ in receiver.seen}) == 1
    assert account("retry").returncode == 0


def test_what_was_sent_again_is_told_though_a_later_one_is_refused(account, receiver):
    account("connect", receiver.url, "--secret", "s")
    account("call")

    ran = account("resend", "1", "99")

    assert (ran.returncode, "delivered" in ran.stdout, "no delivery 99" in ran.stderr) == (2, True, True)


def test_a_removed_connection_is_gone(account, receiver):
    account("connect", receiver.url, "--secret", "s")

    assert account.json("disconnect", "custom")["name"] == "custom"
    assert "mock-sender connect URL" in account("test").stderr


def test_a_changed_connection_keeps_what_was_not_given(account, receiver):
    account("connect", "http://127.0.0.1:1/", "--secret", "s", "--event", "lead.created")

    changed = account.json("edit", "--url", receiver.url)

    assert (changed["events"], changed["signed"], changed["url"]) == (["lead.created"], True, receiver.url)


MISTAKES = [
    # what is asked                                  what is said
    (["status"],                                     "mock-sender connect URL"),
    (["call"],                                       "--to URL"),
    (["traffic"],                                    "--to URL"),
    (["connect", "http://example.com/"],             "requires https"),
    (["connect", "http://127.0.0.1:1/", "--retries", "often"], "standard-webhooks"),
    (["send", "x", "--to", "http://127.0.0.1:1/", "--trouble", "typo"], "mock-sender troubles"),
    (["send", "x", "--to", "http://127.0.0.1:1/", "--field", "x"], "NAME=VALUE"),
    (["traffic", "--to", "http://127.0.0.1:1/", "--trouble", "emoji=lots"], "emoji=0.05"),
    (["traffic", "--to", "http://127.0.0.1:1/", "--trouble", "duplicate=0.5"], "mock-sender call"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "says"), MISTAKES)
def test_a_mistake_is_told_in_a_sentence_and_makes_no_file(account, arguments, says):
    ran = account(*arguments)

    assert (ran.returncode, says in ran.stderr, "Traceback" in ran.stderr) == (2, True, False), ran.stderr
    assert not account.path.exists()


MISTAKES_WITH_ONE = [
    (["test", "nobody"],  "There are: custom"),
    (["show", "99"],      "no delivery 99"),
    (["show", "9" * 30],  "not in the range"),
    (["resend"],          "--missed"),
    (["call", "--secret", "other"],          "--secret goes with --to URL"),
    (["traffic", "--secret", "other"],       "--secret goes with --to URL"),
    (["send", "x", "--timestamp", "5"],      "--timestamp goes with --to URL"),
    (["edit", "--secret", "\udcff"],         "not UTF-8"),
    (["connect", "http://127.0.0.1:1/"], "already"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "says"), MISTAKES_WITH_ONE)
def test_what_is_not_there_is_said(account, receiver, arguments, says):
    account("connect", receiver.url, "--secret", "s")

    ran = account(*arguments)

    assert (ran.returncode, says in ran.stderr, "Traceback" in ran.stderr) == (2, True, False), ran.stderr


def test_a_secret_file_that_is_no_text_is_told_in_a_sentence(account, tmp_path):
    (tmp_path / "secret").write_bytes(b"\xff\xfe")

    ran = account("connect", "http://127.0.0.1:1/", "--secret-file", str(tmp_path / "secret"))

    assert (ran.returncode, "not UTF-8" in ran.stderr, "Traceback" in ran.stderr) == (2, True, False), ran.stderr
    assert not account.path.exists()


def test_a_file_of_another_kind_is_left_as_it_is(account):
    account.path.write_text("my notes, nothing else, and long enough to be read as a header of a file")

    ran = account("connect", "http://127.0.0.1:1/")

    assert (ran.returncode, "--db" in ran.stderr, "Traceback" in ran.stderr) == (2, True, False), ran.stderr
    assert account.path.read_text().startswith("my notes")
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(account.path).execute("SELECT 1 FROM connections")


OTHERS = [
    "CREATE TABLE deliveries (id INTEGER PRIMARY KEY, delivery_id TEXT)",  # the receiver's inbox has one too
    "CREATE TABLE notes (text TEXT)",
]


@pytest.mark.parametrize("schema", OTHERS)
@pytest.mark.parametrize("command", [["status"], ["log"], ["connect", "http://127.0.0.1:1/"]])
def test_a_database_of_something_else_is_left_as_it_is(account, schema, command):
    other = sqlite3.connect(account.path)
    other.execute(schema)
    other.close()
    before = account.path.read_bytes()

    ran = account(*command)

    assert (ran.returncode, "--db" in ran.stderr, "Traceback" in ran.stderr) == (2, True, False), ran.stderr
    assert account.path.read_bytes() == before
