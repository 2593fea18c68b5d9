"""`receiver alert`, at played places."""

import json

import pytest

from tests.support.cli import receiver


@pytest.fixture
def alert(world, tmp_path):
    common = {"DATA_DIR": str(tmp_path), "FORWARD_ALLOW_HOSTS": world.url.removeprefix("http://")}

    def alert(*options, **env):
        return receiver("alert", *options, **common | env)

    return alert


def test_a_test_goes_out_by_each_way_in_the_language_of_the_business(world, alert):
    ran = alert(
        "--test",
        ALERT_SLACK_WEBHOOK_URL=world.slack_webhook_url,
        ALERT_EMAIL="ana@acme.example",
        BUSINESS_LANGUAGE="es",
        **{name: value for name, value in world.smtp_env.items() if name != "EMAIL_TO"},
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        "email.alert ana@acme.example: enviada", "forward.alert: desactivado (define ALERT_URL)", "slack.alert: enviada",
    ]  # fmt: skip
    assert world.slack.messages[0]["text"].startswith("Prueba de las alertas del receptor")
    assert len(world.mail.messages) == 1


def test_one_that_does_not_arrive_is_told_with_the_reason(world, alert):
    world.slack.hook = (404, "no_service")
    ran = alert("--test", "--json", ALERT_SLACK_WEBHOOK_URL=world.slack_webhook_url)

    [slack] = [way for way in json.loads(ran.stdout)["ways"] if way["name"] == "slack.alert"]
    assert ran.returncode == 1
    assert slack["problem"].startswith("Slack's webhook answered 404 no_service: ALERT_SLACK_WEBHOOK_URL was revoked")


@pytest.mark.parametrize(("env", "code"), [({}, 2), ({"ALERT_URL": "x"}, 1), ({"ALERT_URL": "https://a.example"}, 0)])
def test_without_a_test_it_shows_what_is_set(alert, env, code):
    ran = alert(**env)

    assert (ran.returncode, len(ran.stdout.splitlines())) == (code, 3)
