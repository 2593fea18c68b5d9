import json
import random
import signal
import subprocess
import sys
import time

from tests.support.processes import CHECKOUT, until
from tests.support.sender import mock_sender, say


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
