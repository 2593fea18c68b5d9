import contextlib
import json
import os
import pty
import subprocess
import sys

import pytest

from tests.support.cli import receiver
from tests.support.processes import CHECKOUT

SLACK = {"SLACK_BOT_TOKEN": "t", "SLACK_CHANNEL": "C0", "SLACK_EVENTS": "lead.created", "SLACK_URGENCY": "high"}


def test_where_nothing_was_ever_received_and_nothing_is_set_up_there_is_nothing_to_do(tmp_path):
    ran = receiver("doctor", "--offline", DATA_DIR=str(tmp_path))

    assert (ran.returncode, "Nothing needs your attention" in ran.stdout, ran.stderr) == (0, True, "")


def test_each_destination_is_shown_with_what_it_gets(tmp_path):
    ran = receiver("doctor", "--offline", "--json", DATA_DIR=str(tmp_path), **SLACK)

    shown = {one["handler"]: one for one in json.loads(ran.stdout)["handlers"]}
    assert (shown["slack.post"]["state"], shown["slack.post"]["events"]) == ("on", ["lead.created"])
    assert shown["slack.post"]["urgency"] == ["high"]
    assert shown["hubspot.keep_contact"]["state"] == "off"


def test_a_half_that_is_missing_and_an_event_that_does_not_exist_are_named(tmp_path):
    env = {"SLACK_BOT_TOKEN": "xoxb-secret", "HUBSPOT_ACCESS_TOKEN": "t", "HUBSPOT_EVENTS": "lead.create"}

    ran = receiver("doctor", "--offline", DATA_DIR=str(tmp_path), **env)

    assert ran.returncode == 1
    assert "slack.post: misconfigured, its runs wait: set SLACK_CHANNEL" in ran.stdout
    assert "HUBSPOT_EVENTS names lead.create, which is none of: call.completed" in ran.stdout
    assert "xoxb-secret" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("called", "on_the_path", "said"),
    [
        (".venv/bin/receiver", False, "start it: .venv/bin/receiver up, or .venv/bin/receiver worker beside"),
        (".venv/bin/receiver", True, "start it: receiver up, or receiver worker beside"),
    ],
)
def test_its_advice_can_be_typed_as_it_stands(db, env, called, on_the_path, said):
    scripts = os.path.dirname(sys.executable)
    outside = os.pathsep.join(one for one in os.environ["PATH"].split(os.pathsep) if one != scripts)
    path = f"{scripts}{os.pathsep}{outside}" if on_the_path else outside
    program = os.path.join(scripts, "receiver")

    ran = subprocess.run(
        [program, "doctor", "--offline"], env={**os.environ, **env, "PATH": path}, cwd=CHECKOUT,
        capture_output=True, text=True,
    )  # fmt: skip

    assert said.replace(called, program) in ran.stdout


def test_whoever_runs_it_for_a_person_says_how(db, env):
    ran = receiver("doctor", "--offline", INBOUNDFLOW_CALLED_AS="sudo inboundflow", **env)

    assert "start it: sudo inboundflow up" in ran.stdout


SECRETS = {
    "INBOUNDFLOW_SIGNING_SECRET": "sign-a1b2c3d4e5f6a7b8",
    "SLACK_BOT_TOKEN": "xoxb-a1b2c3",
    "HUBSPOT_ACCESS_TOKEN": "pat-a1b2c3",
    "ZAPIER_WEBHOOK_URL": "https://hooks.zapier.com/hooks/catch/1234567/s3cr3ta1b2",
    "FORWARD_URL": "https://a.example/very/private/path/c3d4 https://b.example:8443/x?token=private-e5f6",
    "FORWARD_SIGNING_SECRET": "first-a1b2c3 second-a1b2c3",
    "REDIS_URL": "redis://:redis-a1b2c3@127.0.0.1:1/0",
    "DATABASE_URL": "postgres://nobody:postgres-a1b2c3@127.0.0.1:1/none",
}


# The same where everything that would be asked is on this machine, and refuses.
NEAR = SECRETS | {
    "SLACK_API_URL": "http://127.0.0.1:1/",
    "HUBSPOT_API_URL": "http://127.0.0.1:1",
    "ZAPIER_WEBHOOK_URL": "",
    "FORWARD_URL": "http://127.0.0.1:1/very/private/path/c3d4 http://127.0.0.1:2/x?token=private-e5f6",
    "FORWARD_ALLOW_HOSTS": "127.0.0.1:1 127.0.0.1:2",
}


@pytest.mark.parametrize("form", [(), ("--json",)])
@pytest.mark.parametrize(
    ("arguments", "env", "shown"),
    [
        (["--offline"], SECRETS, "https://hooks.zapier.com/…a1b2"),
        (["--url", "http://127.0.0.1:1/?key=url-a1b2c3"], NEAR, "it cannot be reached: http://127.0.0.1:1/…c3d4"),
    ],
    ids=["offline", "asked"],
)
def test_no_value_of_a_secret_is_in_what_is_said(tmp_path, form, arguments, env, shown):
    ran = receiver("doctor", *form, *arguments, DATA_DIR=str(tmp_path), **env)

    said = ran.stdout + ran.stderr
    values = [word for name in SECRETS for word in env[name].split()]
    parts = ["redis-a1b2c3", "postgres-a1b2c3", "url-a1b2c3", "very/private", "token=", "catch", "1234567", "s3cr3t"]
    assert shown in said
    assert [word for word in values + parts if word in said] == []


def test_a_url_is_shown_without_what_is_secret_in_it_and_an_unsigned_one_as_such(tmp_path):
    env = {name: SECRETS[name] for name in ("ZAPIER_WEBHOOK_URL", "FORWARD_URL", "FORWARD_SIGNING_SECRET")}

    ran = receiver("doctor", "--offline", DATA_DIR=str(tmp_path), **env)

    assert "https://hooks.zapier.com/…a1b2 (not signed)" in ran.stdout
    assert "https://a.example/…c3d4, https://b.example:8443/…e5f6 " in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "env", "word"),
    [
        ((), {"PORT": "many"}, "PORT should be"),
        ((), {"DATABASE_URL": "mysql://nobody:a1b2c3@127.0.0.1/none"}, "DATABASE_URL cannot be read"),
        (("--url", "calls.example.com/a1b2c3"), {}, "it should look like https://calls.example.com"),
        (("--url", "https://"), {}, "it should look like https://calls.example.com"),
        (("--url", "https://a1b2c3:port"), {}, "it should look like https://calls.example.com"),
    ],
)
def test_what_cannot_be_looked_at_ends_it_with_2(tmp_path, arguments, env, word):
    ran = receiver("doctor", "--offline", *arguments, **{"DATA_DIR": str(tmp_path), **env})

    assert (ran.returncode, ran.stdout) == (2, "")
    assert word in ran.stderr
    assert "a1b2c3" not in ran.stderr


def test_a_handler_that_cannot_be_imported_is_a_problem_with_what_python_says(tmp_path):
    for name in ("receiver", "mock_sender"):
        (tmp_path / name).symlink_to(CHECKOUT / name)
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers" / "__init__.py").touch()
    (tmp_path / "handlers" / "acme.py").write_text("import nothing_of_that_name\n")

    ran = subprocess.run(
        [sys.executable, "-m", "receiver", "doctor", "--offline"],
        env={"DATA_DIR": str(tmp_path)}, cwd=tmp_path, capture_output=True, text=True, timeout=30,
    )  # fmt: skip

    assert (ran.returncode, "nothing_of_that_name" in ran.stdout, ran.stderr) == (1, True, "")


def test_at_a_terminal_no_line_is_longer_than_80_columns_but_for_what_has_no_space(tmp_path):
    ours, theirs = pty.openpty()
    env = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "RENDER": "1",
        "HUBSPOT_EVENTS": "lead.create",
        **SECRETS,
    }
    command = [sys.executable, "-m", "receiver", "doctor", "--offline"]
    with subprocess.Popen(command, env=env, cwd=CHECKOUT, stdout=theirs, stderr=theirs):
        os.close(theirs)
        lines = all_of(ours).decode().splitlines()

    assert len(lines) > 20
    assert [line for line in lines if len(line) > 80] == []


def all_of(terminal):
    """What is written to it until nobody has it open any more, which Linux tells as an error."""
    text = b""
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 65536):
            text += piece
    os.close(terminal)
    return text
