import sqlite3

import pytest

from mock_sender.sign import sign
from tests.support.sender import a_receiver, mock_sender, say

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
    (["show", "9" * 30],  "no delivery 999"),
    (["show", "zz"],      "no delivery zz: `mock-sender log` lists them"),
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
    ("arguments", "hint"),
    [
        (["send", "lead.created"],                                     "--to"),
        (["send", "lead.created", "--to", "http://example.com/x"],     "requires https"),
        (["explode"],                                                  "No such command"),
    ],
)  # fmt: skip
def test_what_is_asked_wrongly_is_explained(arguments, hint):
    ran = mock_sender(*arguments, PORT="1")

    assert ran.returncode == 2
    assert hint in ran.stderr
    assert "Traceback" not in ran.stderr
