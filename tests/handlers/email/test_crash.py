"""A process that is killed between its request and the answer: what the next attempt makes of it."""

import email
import json
import subprocess
import sys

import pytest

from tests.handlers.email.desk import Desk
from tests.support.processes import CHECKOUT
from tests.support.tools import completed

SEND = """
import json, sys
from tests.handlers.email.desk import Desk
from tests.support.tools import completed
Desk(json.loads(sys.argv[1])).attempt(completed())
"""


def attempt_killed_by(env, when):
    """One attempt in a process of its own; `when` is given what kills that."""
    process = subprocess.Popen([sys.executable, "-c", SEND, json.dumps(env)], cwd=CHECKOUT, stderr=subprocess.DEVNULL)
    when(process.kill)
    assert process.wait(60) == -9


@pytest.mark.parametrize("stage", ["received", "done"])
def test_a_kill_between_the_request_and_resends_answer_sends_one_message(world, stage):
    def kill_at(kill):
        world.watch = lambda name, path, now: (name, path, now) == ("resend", "/emails", stage) and kill()

    attempt_killed_by(world.email_env, kill_at)
    world.watch = lambda *_: None

    Desk(world.email_env).attempt(completed(), attempt=2)

    assert len(world.resend.emails) == 1


def test_a_kill_after_the_mail_server_has_the_message_sends_it_again_under_the_same_id(world):
    def kill_at(kill):
        world.mail.taken = kill

    attempt_killed_by(world.smtp_env, kill_at)
    world.mail.taken = lambda: None

    Desk(world.smtp_env).attempt(completed(), attempt=2)

    ids = [email.message_from_bytes(message["bytes"])["Message-ID"] for message in world.mail.messages]
    assert (len(ids), len(set(ids))) == (2, 1)
