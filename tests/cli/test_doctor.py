import json

import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.registry import activate, load, reasons, summarize
from tests.support.cli import receiver
from tests.support.runs import Runs
from tests.support.terminal import at_terminal


def test_where_nothing_was_ever_received_and_nothing_is_set_up_there_is_nothing_to_do(tmp_path):
    ran = receiver("doctor", "--offline", DATA_DIR=str(tmp_path))

    assert (ran.returncode, "Nothing needs your attention" in ran.stdout, ran.stderr) == (0, True, "")


def test_a_half_that_is_missing_and_an_event_that_does_not_exist_are_named(tmp_path):
    env = {"SLACK_BOT_TOKEN": "xoxb-secret", "HUBSPOT_ACCESS_TOKEN": "t", "HUBSPOT_EVENTS": "lead.create"}

    ran = receiver("doctor", "--offline", DATA_DIR=str(tmp_path), **env)

    assert ran.returncode == 1
    assert "slack.post: misconfigured, its runs wait: set SLACK_CHANNEL" in ran.stdout
    assert "HUBSPOT_EVENTS names lead.create, which is none of: call.completed" in ran.stdout
    assert "xoxb-secret" not in ran.stdout + ran.stderr


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


@pytest.mark.parametrize(("columns", "language"), [(80, "en"), (40, "es")])
def test_at_a_terminal_no_line_is_wider_but_for_what_has_no_space(tmp_path, columns, language):
    env = {"DATA_DIR": str(tmp_path), "RENDER": "1", "HUBSPOT_EVENTS": "lead.create", **SECRETS}

    lines = at_terminal("doctor", "--offline", columns=columns, BUSINESS_LANGUAGE=language, **env)

    assert len(lines) > 20
    assert [line for line in lines if len(line) > columns and " " in line.strip(" →")] == []


def test_in_spanish_every_sentence_of_ours_is_spanish(tmp_path):
    """What a library or a destination said stays as it is, and so do names."""
    ran = receiver("doctor", "--offline", DATA_DIR=str(tmp_path), BUSINESS_LANGUAGE="es", SLACK_BOT_TOKEN="xoxb-t")

    assert ran.stdout.splitlines()[:4] == [
        "1 asunto requiere tu atención:",
        "",
        "slack.post: mal configurado, sus envíos esperan: define SLACK_CHANNEL",
        "  → corrígelo donde se arranca el receptor, y reinícialo",
    ]
    assert "Todavía no se recibió ninguna entrega." in ran.stdout


def test_what_the_worker_that_runs_lacks_comes_first_and_cancelling_is_no_cure_for_it(db, env):
    runs = Runs(db)
    Inbox(db).keep(Delivery(key="d-1", body=b"{}", received_us=1))
    runs.open([(row, "slack.post", "") for row in runs.undispatched(1)], [1], 0)
    there = activate(load("handlers"), {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/…"})

    with runs.leading("a-worker", json.dumps(summarize(there)), json.dumps(reasons(there))):
        ran = receiver("doctor", "--offline", BUSINESS_LANGUAGE="es", **env)

    lines = ran.stdout.splitlines()
    assert lines[:3] == [
        "2 asuntos requieren tu atención:",
        "",
        "slack.post: mal configurado, sus envíos esperan: SLACK_WEBHOOK_URL todavía lleva el … de un ejemplo: pon ahí "
        "tu propio valor",
    ]
    assert (
        "variables: el worker en marcha tiene otras que este comando: console.show: allí desactivado, aquí activo; "
        "slack.post: allí mal configurado, aquí desactivado"
    ) in lines
    assert "cancel" not in ran.stdout
    assert " off" not in ran.stdout
