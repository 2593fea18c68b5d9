import pytest

from receiver import registry
from receiver.doctor.concurrently import run_concurrently
from receiver.doctor.destinations import destination_checks
from tests.support.crm import hubspot_env
from tests.support.findings import told


def asked(env):
    return told(run_concurrently(destination_checks(registry.activate(registry.load("handlers"), env))))


def slack_env(world, **changed):
    env = {"SLACK_BOT_TOKEN": "xoxb-demo", "SLACK_CHANNEL": "C0DEMO", "SLACK_API_URL": f"{world.url}/slack/api/"}
    return env | changed


def test_slack_is_asked_and_nothing_is_posted(world):
    found = asked(slack_env(world))

    assert found == {("ok", "Slack takes the token"), ("ok", "the bot can read the channel in SLACK_CHANNEL")}
    assert not world.slack.messages


@pytest.mark.parametrize(
    ("changed", "word"),
    [({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "SLACK_BOT_TOKEN is not valid"), ({"SLACK_CHANNEL": "C0X"}, "channel's id")],
)
def test_what_slack_refuses_is_a_problem(world, changed, word):
    [said] = [said for severity, said in asked(slack_env(world, **changed)) if severity == "problem"]

    assert word in said


def test_hubspots_properties_are_looked_for(world):
    assert {severity for severity, _ in asked(hubspot_env(world))} == {"ok"}

    world.hubspot.forget_properties()

    [(severity, said)] = asked(hubspot_env(world))
    assert (severity, "receiver setup hubspot" in said) == ("problem", True)


def test_each_way_of_sending_e_mail_is_asked(world):
    for env in (world.email_env, world.smtp_env):
        assert {severity for severity, _ in asked(env | {"EMAIL_DIGEST_AT": "18:30"})} == {"ok"}

    world.resend.domains.clear()

    problems = [said for severity, said in asked(world.email_env) if severity == "problem"]
    assert ["resend.com/domains" in said for said in problems] == [True]
    assert [*world.resend.emails, *world.mail.messages] == []


def test_an_address_where_nobody_listens_is_a_problem():
    found = asked({"FORWARD_URL": "http://127.0.0.1:1/x", "FORWARD_ALLOW_HOSTS": "127.0.0.1:1"})

    assert ("problem", "it cannot be reached: http://127.0.0.1:1/…") in found


def test_every_played_destination_that_is_set_up_well_is_fine(world):
    found = list(
        run_concurrently(
            destination_checks(registry.activate(registry.load("handlers"), world.env | world.salesforce_env))
        )
    )

    assert [one for one in found if one.severity != "ok"] == []
    assert {one.what.partition(".")[0] for one in found} == {"slack", "google_sheets", "hubspot", "salesforce"}
