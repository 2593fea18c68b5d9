"""Alerts from two workers at one inbox, at played places, over a restart, with nothing of the caller in them."""

import pytest

from mock_sender import payloads
from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.operations import resume
from receiver.operations.attending import SPACED_US
from receiver.registry import Lane
from tests.support.processes import started, until
from tests.support.tools import refused
from tests.support.web import SECRET, SERVE, serving

SLACK = Lane("", "slack.post", "")
CALLER = {"name": "Marguerite Oyelaran", "phone": "+15557770142"}


@pytest.fixture
def env(env, world, redis_url):
    here = {"ALERT_SLACK_WEBHOOK_URL": world.slack_webhook_url, "ALERT_URL": f"{world.url}/forward"}
    slack = {name: world.env[name] for name in ("SLACK_BOT_TOKEN", "SLACK_CHANNEL", "SLACK_API_URL")}
    allowed = {"FORWARD_ALLOW_HOSTS": world.url.removeprefix("http://"), "REDIS_URL": redis_url}
    return env | here | slack | allowed | {"BUSINESS_LANGUAGE": "es"}


def keep_a_call(db):
    body = payloads.stringify(
        {
            "event": "call.completed", "delivery_id": "d-1", "organization_id": "o",
            "data": {"call_id": "c-1", "caller_name": CALLER["name"], "caller_phone": CALLER["phone"], "mood": CALLER["name"]},
        }
    )  # fmt: skip
    ago_us = db.now_us() - 60_000_000
    Inbox(db).keep(Delivery(key="d-1", event="call.completed", body=body, received_us=ago_us, call_id="c-1"))


def told(world):
    """The first lines of alerts, without the calls that are posted there too."""
    return [line for message in world.slack.messages if (line := message["text"].splitlines()[0]).startswith(":")]


def machine(env, number):
    """A worker that shares its folder with none, where the database is shared."""
    folder = {"DATA_DIR": f"{env['DATA_DIR']}/{number}"} if env["DATABASE_URL"] else {}
    return started("-m", "receiver", "worker", env=env | folder)


def unsent(db):
    """One whose sender is killed before it has noted that it went out would go out again, a minute later."""
    return db.read("SELECT 1 FROM alerts WHERE ended_us IS NULL")


def stored(db):
    tables = ("alerts", "concerns", "new_fields")
    return "".join(str(dict(row)) for table in tables for row in db.read(f"SELECT * FROM {table}"))


def test_two_workers_tell_once_and_after_a_restart_that_it_is_over(db, env, world):
    keep_a_call(db)
    refused(db, SLACK, "Slack: token_revoked: SLACK_BOT_TOKEN was revoked")
    with machine(env, 1), machine(env, 2):
        until(lambda: told(world) and not unsent(db), within_s=60, what="the alert")
        until(lambda: db.read("SELECT 1 FROM new_fields"), within_s=60, what="a look at the delivery")
    db.commit(lambda tx: tx.execute("UPDATE alerts SET made_us = made_us - ?", (SPACED_US,)))
    resume(db, "slack.post")
    with machine(env, 1):
        until(lambda: len(told(world)) > 1, within_s=60, what="its end")
        until(lambda: len(posts(world)) > 1, within_s=60, what="the same at the URL")

    assert told(world) == [
        ":warning: Necesita atención: Slack está en pausa y 1 entregas esperan: "
        "Slack: token_revoked: SLACK_BOT_TOKEN was revoked",
        ":white_check_mark: Resuelto: Slack ya no está en pausa.",
    ]
    assert len(posts(world)) == 2
    said = stored(db) + "".join(posts(world))
    assert [text for text in CALLER.values() if text in said] == []
    assert "mood" in said


def posts(world):
    return [each.body.decode() for each in world.exchanges if each.destination == "forward"]


HASTY = f"import receiver.app.alarm as a; a.LOOK_EVERY_S = 0.2; {SERVE}"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_where_no_worker_runs_the_real_web_processes_say_so_once(db, env, world):
    keep_a_call(db)
    db.commit(lambda tx: tx.execute("UPDATE deliveries SET received_us = received_us - 60000000"))
    with serving(HASTY, env | {"INBOUNDFLOW_SIGNING_SECRET": SECRET}):
        until(lambda: db.read("SELECT 1 FROM concerns WHERE kind = 'worker'"), what="a look")
        db.commit(lambda tx: tx.execute("UPDATE concerns SET since_us = since_us - 60000000"))
        until(lambda: told(world) and len(posts(world)), what="the alert")

    [line] = told(world)
    assert line.startswith(":warning: Necesita atención: Las llamadas se guardan, pero no se envía nada")
    assert len(posts(world)) == 1
