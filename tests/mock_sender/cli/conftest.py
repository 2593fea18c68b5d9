"""An account of the command line, and the receiver that it is connected to."""

import json

import pytest

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
