import os

import pytest

from receiver import settings
from receiver.doctor import run_checks
from receiver.registry import activate, load, misspelt

HANDLERS = load("handlers").values()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SLACK_TOKEN", "SLACK_BOT_TOKEN"),
        ("SLACK_CHANEL", "SLACK_CHANNEL"),
        ("SALCK_BOT_TOKEN", "SLACK_BOT_TOKEN"),
        ("HUBSPOT_TOKEN", "HUBSPOT_ACCESS_TOKEN"),
        ("FORWARD_URLS", "FORWARD_URL"),
        ("SLACK_EVENT", "SLACK_EVENTS"),
    ],
)
def test_a_name_that_resembles_a_handlers_variable_is_told_with_the_right_one(name, meant):
    assert misspelt({name: "something"}, HANDLERS) == [(name, meant)]


@pytest.mark.parametrize("name", ["REDIS_TLS_URL", "SLACK_BOT_TOKEN", "N8N_PORT", "GOOGLE_CLOUD_PROJECT", "HUBOT_NAME"])
def test_names_of_other_programs_and_right_ones_are_left_alone(name):
    assert misspelt({name: "something"}, HANDLERS) == []


def test_what_is_empty_and_what_this_machine_has_set_are_left_alone():
    assert misspelt({"SLACK_TOKEN": " "}, HANDLERS) == []
    assert misspelt(os.environ, HANDLERS) == []


def test_doctor_tells_of_it_without_its_value(tmp_path):
    env = {"DATA_DIR": str(tmp_path), "SLACK_TOKEN": "xoxb-secret"}

    report = run_checks(settings.read(env), env, activate(load("handlers"), env), offline=True)

    [found] = [finding for finding in report.checks if finding.what == "variables"]
    assert (found.severity, found.message) == ("advice", "SLACK_TOKEN is set, and nothing reads it")
    assert "SLACK_BOT_TOKEN" in found.do
    assert "xoxb" not in repr(report)
