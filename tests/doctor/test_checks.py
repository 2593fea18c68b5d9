import pytest

from receiver import registry, settings
from receiver.doctor.concurrently import run_concurrently
from receiver.doctor.destinations import destination_checks
from receiver.doctor.inbox import InboxCheck
from receiver.doctor.secret import check_secret
from receiver.doctor.storage import check_storage
from tests.support.crm import hubspot_env

GOOD = "0123456789abcdef0123"
SECRET, PREVIOUS = "INBOUNDFLOW_SIGNING_SECRET", "INBOUNDFLOW_SIGNING_SECRET_PREVIOUS"


def told(findings):
    return {(one.severity, one.message) for one in findings}


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({SECRET: GOOD}, ("ok", "set")),
        ({}, ("advice", "not set for this command")),
        ({"RENDER": "1"}, ("problem", "not set")),
        ({SECRET: f'"{GOOD}"'}, ("problem", "it has quotation marks around it")),
        ({SECRET: "0123456789 0123456789"}, ("advice", "it has a space or a line end in it")),
        ({SECRET: "short"}, ("problem", "it has under 16 characters")),
        ({SECRET: GOOD + "\n"}, ("advice", "it has a space or a line end around it")),
        ({SECRET: GOOD, PREVIOUS: GOOD}, ("problem", f"it is the same as {SECRET}")),
        ({"INBOUNDFLOW_ALLOW_UNSIGNED": "1"}, ("problem", "deliveries are taken without a signature")),
    ],
)
def test_a_secret_that_is_not_as_it_should_be_is_told(env, said, tmp_path):
    found = list(check_secret(settings.read(env | {"DATA_DIR": str(tmp_path)}), env))

    assert said in told(found)
    assert not any(GOOD in str(one) for one in found)


def test_the_secret_that_a_start_here_would_use_is_told_by_its_place(tmp_path):
    (tmp_path / "signing_secret").write_text(GOOD)

    [found] = check_secret(settings.read({"DATA_DIR": str(tmp_path)}), {})

    assert (found.severity, found.message) == (
        "ok",
        f"not set for this command; without it `receiver up` uses the secret in {tmp_path}/signing_secret",
    )


@pytest.mark.parametrize(
    ("made", "is_told"), [(GOOD, False), ("the-secret-of-before", False), ("another-secret-altogether", True)]
)
def test_a_made_secret_that_is_neither_of_those_in_use_is_told(tmp_path, made, is_told):
    (tmp_path / "signing_secret").write_text(made + "\n")
    env = {SECRET: GOOD, PREVIOUS: "the-secret-of-before"}

    found = list(check_secret(settings.read(env | {"DATA_DIR": str(tmp_path)}), env))

    assert (("advice", f"{tmp_path}/signing_secret holds another secret") in told(found)) == is_told
    assert not any(made in str(one) for one in found)


def test_a_write_is_tried_and_leaves_nothing(db, env):
    found = told(check_storage(db))

    assert any(said.startswith("a write is taken") for _, said in found)
    assert not db.read("SELECT * FROM leases")


def test_a_database_that_is_away_is_a_problem(tmp_path):
    env = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "DATA_DIR": str(tmp_path)}

    [found] = InboxCheck(settings.read(env), env, [])()

    assert (found.severity, found.message[:18]) == ("problem", "it does not answer")


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
