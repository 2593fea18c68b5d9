"""A typing error in the business's language or zone stops no destination."""

import pytest

from receiver import settings
from receiver.doctor import run_checks
from receiver.registry import activate, load

SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-t",
    "SLACK_CHANNEL": "C0123456789",
    "HUBSPOT_ACCESS_TOKEN": "t",
    "SALESFORCE_CLIENT_ID": "t",
    "SALESFORCE_CLIENT_SECRET": "t",
    "SALESFORCE_INSTANCE_URL": "https://acme.my.salesforce.com",
    "EMAIL_TO": "front@acme.example",
    "EMAIL_FROM": "calls@acme.example",
    "RESEND_API_KEY": "re_12345678",
}
TYPING_ERRORS = {"BUSINESS_LANGUAGE": "fr", "BUSINESS_TIMEZONE": "Madrid"}


@pytest.mark.parametrize(
    "name", ["slack.post", "hubspot.keep_contact", "email.send", "salesforce.keep_lead", "google_sheets.append_row"]
)
def test_each_destination_goes_on_in_english_and_utc(name, world):
    env = world.env | SECRETS | TYPING_ERRORS

    activation = load("handlers")[name].activate(env)

    assert activation.state == "on", activation.why
    for target in activation.targets.values():
        assert (target["BUSINESS_LANGUAGE"], target["BUSINESS_TIMEZONE"]) == ("en", "UTC")


def test_doctor_names_them(tmp_path):
    env = TYPING_ERRORS | {"DATA_DIR": str(tmp_path)}

    report = run_checks(settings.read(env), env, activate(load("handlers"), env), offline=True)

    named = [finding.message.split()[0] for finding in report.checks if finding.what == "variables"]
    assert (named, report.problems) == (["BUSINESS_LANGUAGE", "BUSINESS_TIMEZONE"], ())
