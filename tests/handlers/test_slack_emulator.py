"""The same threads at a Slack that others wrote: npm's `emulate`."""

import os
import shutil
import subprocess
from contextlib import suppress

import httpx
import pytest
from slack_sdk import WebClient

from handlers.slack import post
from receiver.registry import Earlier
from tests.handlers.slack.office import KINDS, an_event
from tests.support.processes import CHECKOUT, free_port, until
from tests.support.tools import a_run, lacking

EMULATE = "emulate@0.11.2"  # its `latest` is another program; later ones need a newer Node than 20
HOME = CHECKOUT / "var" / "npm" / "emulate"
TRIES = 2  # a registry does not always answer at once
TOKEN = "xoxb-local-test"
SEED = f"""
slack:
  channels: [{{name: calls, topic: x}}]
  users: [{{name: developer, email: d@example.com}}]
  tokens: [{{token: {TOKEN}, user: developer, scopes: [chat:write, channels:history, channels:read]}}]
  strict_scopes: true
"""


def program():
    """The emulator, installed once; None where npm is missing or cannot reach its registry."""
    program = HOME / "node_modules" / ".bin" / "emulate"
    install = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(HOME), EMULATE]
    for _ in range(TRIES if shutil.which("npm") else 0):
        if program.exists():
            break
        HOME.mkdir(parents=True, exist_ok=True)
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(install, cwd=HOME, capture_output=True, timeout=120, check=False)
    return program if program.exists() and shutil.which("node") else None


@pytest.fixture
def emulator(tmp_path):
    """The address of its Web API."""
    if not (emulate := program()):
        lacking(f"Node with npm, and {EMULATE} from its registry")
    (tmp_path / "seed.yaml").write_text(SEED)
    port = free_port()
    command = [str(emulate), "start", "--service", "slack", "--port", str(port), "--seed", "seed.yaml"]
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(
            command, cwd=tmp_path, stdout=log, stderr=log, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        )
    url = f"http://127.0.0.1:{port}/api/"
    try:
        until(lambda: answers(url), within_s=30, what="the emulator")
        yield url
    finally:
        running.kill()
        running.wait()


def answers(url):
    with suppress(httpx.HTTPError):
        return httpx.post(url + "auth.test", trust_env=False).status_code < 500
    return False


def test_an_independent_slack_shows_one_thread_for_a_call(emulator):
    client = WebClient(TOKEN, base_url=emulator, retry_handlers=[])
    channel = next(c["id"] for c in client.conversations_list()["channels"] if c["name"] == "calls")
    env = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_CHANNEL": channel, "SLACK_API_URL": emulator}
    done = []
    for attempt, kind in [(attempt, kind) for kind in KINDS for attempt in (1, 2)]:  # each once more, as after a crash
        earlier = [other for other in done if other.event.event != kind]
        outcome = post(an_event(kind), a_run("slack.post", env, an_event(kind), attempt=attempt, earlier=earlier))
        done = [*earlier, Earlier(event=an_event(kind), outcome=outcome)]

    ours = [
        m for m in client.conversations_history(channel=channel, include_all_metadata=True)["messages"]
        if m.get("metadata") and m.get("thread_ts", m["ts"]) == m["ts"]
    ]  # fmt: skip
    [parent] = ours
    thread = client.conversations_replies(channel=channel, ts=parent["ts"], include_all_metadata=True)["messages"]
    assert [m["metadata"]["event_payload"]["delivery_id"] for m in thread] == [f"d-{kind}" for kind in KINDS]
    assert parent["text"] == (
        "Ada Moreno · Root canal (Call completed · Call transferred · Appointment booked · New lead)"
    )
