"""What needs somebody's attention in the runs and their handlers."""

import json
import re

import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox, Verdict
from receiver.operations import Health, Unfinished, findings, pause_lanes, resume
from receiver.registry import Lane
from tests.support.cli import receiver
from tests.support.runs import Runs
from tests.support.tools import claim, finish

SLACK = {"SLACK_BOT_TOKEN": "xoxb-t", "SLACK_CHANNEL": "C0", "SLACK_EVENTS": "lead.created", "SLACK_URGENCY": "high"}


@pytest.fixture
def behind(db, env):
    """An inbox with a run for each of several handlers, one of them dead."""
    runs = Runs(db)
    for number, handler in enumerate(["slack.post", "hubspot.keep_contact", "acme.upsert_lead"], start=1):
        Inbox(db).keep(Delivery(key=f"d-{number}", body=b"{}", received_us=1))
        runs.open([(row, handler, "") for row in runs.undispatched(1)], [number], 0)
    dead = Verdict(state="dead", result="gave-up", detail="no such channel", failed=True)
    finish(runs, claim(runs, 1, "me", 0), "me", dead, 0)
    pause_lanes(db, [Lane("", "slack.post", "")], "SLACK_BOT_TOKEN was revoked")
    return env


def a_run_ended(db, handler, target, verdict):
    """The only one of the only delivery."""
    runs = Runs(db)
    Inbox(db).keep(Delivery(key="d-1", body=b"{}", received_us=1))
    runs.open([(row, handler, target) for row in runs.undispatched(1)], [1], 0)
    finish(runs, claim(runs, 1, "me", 0), "me", verdict, 0)


def test_what_waits_for_somebody_is_found_with_what_to_do(behind):
    ran = receiver("doctor", "--offline", "--json", **SLACK, **behind)

    found = {(one["what"], one["problem"], one["do"].partition(":")[0]) for one in json.loads(ran.stdout)["findings"]}
    assert ran.returncode == 1
    assert found == {
        ("slack.post", "paused: SLACK_BOT_TOKEN was revoked", "fix it, then"),
        ("slack.post", "1 dead letter", "see which"),
        (
            "hubspot.keep_contact",
            "1 run waits, and it is off",
            "set HUBSPOT_ACCESS_TOKEN where the receiver is started, and start it again",
        ),
        (
            "acme.upsert_lead",
            "1 run waits for a handler that is not there",
            "bring its file back, or cancel them, dead letters too",
        ),
    }


def test_with_several_businesses_no_command_reaches_those_of_others(behind, db):
    env = SLACK | behind | {"SECRET_KEY": "a key for sealing, long enough"}
    assert receiver("sources", "add", "acme", **env).returncode == 0

    said = json.loads(receiver("doctor", "--offline", "--json", **env).stdout)["findings"]

    commands = [
        command for one in said for command in re.findall(r"receiver (?:cancel|replay|resume) [^,;]*", one["do"])
    ]
    assert len(commands) >= 4
    assert [command for command in commands if "--source ''" not in command] == []


HALF = {"SMTP_URL": "smtp://u:p@mail.example:587", "EMAIL_FROM": "calls@acme.example", "ALERT_EMAIL": "me@acme.example"}


@pytest.mark.parametrize(("secret", "code"), [("", 0), ("of the environment's business", 1)])
def test_where_only_sources_receive_the_rest_of_the_environment_is_no_business_set_by_half(tmp_path, secret, code):
    env = HALF | {"DATA_DIR": str(tmp_path), "SECRET_KEY": "a key for sealing, long enough"}
    assert receiver("sources", "add", "acme", **env).returncode == 0

    ran = receiver("doctor", "--offline", **env, INBOUNDFLOW_SIGNING_SECRET=secret)

    assert ran.returncode == code
    assert ("email.send: misconfigured" in ran.stdout) == bool(secret)
    assert ("not set, and not needed: each business has a secret of its own" in ran.stdout) == (not secret)


def test_without_a_source_it_is_set_by_half_all_the_same(tmp_path):
    ran = receiver("doctor", "--offline", **HALF, DATA_DIR=str(tmp_path))

    assert (ran.returncode, "email.send: misconfigured" in ran.stdout) == (1, True)


def test_dead_letters_of_what_was_switched_off_need_nobody_and_are_told_all_the_same(behind, db):
    resume(db, "slack.post")
    db.commit(lambda tx: tx.execute("UPDATE runs SET state = 'succeeded' WHERE state <> 'dead'"))

    ran = receiver("doctor", "--offline", **behind)

    assert (ran.returncode, "Nothing needs your attention" in ran.stdout) == (0, True)
    assert "(advice) slack.post: 1 dead letter, and with this command's variables it is off" in ran.stdout


def test_runs_of_a_url_that_is_no_longer_set_are_found(db, env):
    Inbox(db).keep(Delivery(key="d-1", body=b"{}", received_us=1))
    Runs(db).open([(row, "forward.forward", "0ld7a26e7") for row in Runs(db).undispatched(1)], [1], 0)

    ran = receiver("doctor", "--offline", FORWARD_URL="https://new.example/hook", **env)

    assert (
        ran.returncode,
        "forward.forward 0ld7a26e7: 1 run waits for a URL that is no longer set" in ran.stdout,
    ) == (1, True)


def test_dead_letters_at_a_url_that_was_replaced_are_told_with_the_command_for_just_them(db, env):
    a_run_ended(
        db,
        "forward.forward",
        "0ld7a26e7",
        Verdict(state="dead", result="gave-up", detail="the URL answered 404", failed=True),
    )

    ran = receiver("doctor", "--offline", FORWARD_URL="https://new.example/hook", **env)

    assert "forward.forward 0ld7a26e7: 1 dead letter" in ran.stdout
    assert "receiver replay --handler forward.forward --target 0ld7a26e7 --state dead" in ran.stdout


def test_what_fails_for_now_is_told_with_what_it_met_and_needs_nobody_yet(db, env):
    a_run_ended(
        db,
        "slack.post",
        "",
        Verdict(state="retrying", result="retry", detail="Slack answered 503", delay_us=1, failed=True),
    )

    ran = receiver("doctor", "--offline", SLACK_BOT_TOKEN="xoxb-t", SLACK_CHANNEL="C0", **env)

    assert ran.returncode == 0
    assert "(advice) slack.post: 1 run waits for another attempt: Slack answered 503" in ran.stdout

    pause_lanes(db, [Lane("", "slack.post", "")], "its token was revoked")  # then that is what there is to say
    ran = receiver("doctor", "--offline", SLACK_BOT_TOKEN="xoxb-t", SLACK_CHANNEL="C0", **env)
    assert ("slack.post: paused" in ran.stdout, "another attempt" in ran.stdout) == (True, False)


def test_what_waits_for_a_url_that_is_no_longer_set_is_not_said_to_be_tried_again(db, env):
    a_run_ended(
        db,
        "forward.forward",
        "0ld7a26e7",
        Verdict(state="retrying", result="retry", detail="no answer", delay_us=1, failed=True),
    )

    ran = receiver("doctor", "--offline", FORWARD_URL="https://new.example/hook", **env)

    assert "1 run waits for a URL that is no longer set" in ran.stdout
    assert "another attempt" not in ran.stdout


def test_what_waits_for_a_business_that_is_disabled_is_not_a_missing_file():
    lane = Lane("acme", "slack.post", "")
    waiting = Unfinished(lane=lane, state="pending", runs=3, error="")

    [finding] = findings([], Health(unfinished=(waiting,)))

    assert finding.message == "3 runs wait for a business that is disabled or removed"
    assert "sources enable acme" in finding.do
