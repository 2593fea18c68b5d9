"""All checks together: also where nobody answers."""

import json
import socket
import time

import pytest

from receiver import registry, settings
from receiver.doctor import run_checks
from receiver.doctor.report import each_once
from receiver.operations import problem
from tests.support.cli import receiver
from tests.support.crm import hubspot_env


@pytest.fixture
def silent():
    """The port of a server that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


@pytest.fixture
def env(silent, tmp_path, world):
    """Variables that all lead to that server."""
    return hubspot_env(world) | {
        "DATA_DIR": str(tmp_path),
        "REDIS_URL": f"redis://127.0.0.1:{silent}",
        "SLACK_BOT_TOKEN": "xoxb-demo",
        "SLACK_CHANNEL": "C0DEMO",
        "SLACK_API_URL": f"http://127.0.0.1:{silent}/",
        "HUBSPOT_API_URL": f"http://127.0.0.1:{silent}",
    }


def test_what_a_check_and_a_pause_say_of_the_same_thing_is_told_once():
    check = problem("slack.post", "Slack: channel_not_found", why="its runs wait", do="see recipes/slack.md")
    pause = problem("slack.post", "paused: Slack: channel_not_found", do="then: receiver resume slack.post")
    other = problem("slack.post", "1 dead letter", do="see which")
    elsewhere = problem("hubspot.keep", "Slack: channel_not_found", do="x")

    assert each_once([check, pause, other, elsewhere, other]) == [pause, other, elsewhere]


@pytest.mark.timed
def test_what_never_answers_is_found_in_the_time_of_one(silent, env):
    activations = registry.activate(registry.load("handlers"), env)
    began = time.monotonic()

    found = run_checks(
        settings.read(env), env, activations, url=f"http://127.0.0.1:{silent}", offline=False, total_s=0.8
    ).checks

    took_s = time.monotonic() - began
    quiet = {one.what for one in found if one.message.startswith("no answer within")}
    assert quiet == {"Redis", "public URL", "slack.post", "hubspot.keep_contact"}
    assert took_s < 1.6


@pytest.mark.timed
def test_the_whole_ends_within_15_s_though_nothing_answers(silent, env):
    database = f"postgres://nobody@127.0.0.1:{silent}/none"
    began = time.monotonic()

    ran = receiver("doctor", "--json", "--url", f"http://127.0.0.1:{silent}", **env | {"DATABASE_URL": database})

    took_s = time.monotonic() - began
    told = {one["what"] for one in json.loads(ran.stdout)["findings"]}
    assert (ran.returncode, told >= {"Redis", "database", "public URL", "slack.post", "hubspot.keep_contact"}) == (
        1,
        True,
    )
    assert took_s < 15


@pytest.mark.timed
def test_a_database_that_says_nothing_is_asked_over_one_connection_and_told_once(env):
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        env |= {"DATABASE_URL": f"postgres://nobody@127.0.0.1:{server.getsockname()[1]}/none"}
        report = run_checks(settings.read(env), env, [], offline=True, total_s=0.8)
        server.setblocking(False)
        callers = list(iter(lambda: accepted(server), None))

    assert [problem.what for problem in report.problems] == ["database"]
    assert len(callers) == 1


def accepted(server):
    try:
        return server.accept()
    except BlockingIOError:
        return None
