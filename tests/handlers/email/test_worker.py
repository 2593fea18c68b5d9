"""A whole worker with the real handler: the calls' messages, and the day's summary."""

import json

import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox, open_day
from receiver.registry import Lane
from tests.support.processes import start_redis, started, until

DAY_US = 86_400_000_000
TO = "front@acme.example"


@pytest.fixture
def redis(tmp_path):
    process = start_redis(tmp_path / "redis.sock")
    yield process
    process.kill()
    process.wait()


def keep(db, key, event):
    body = json.dumps({"delivery_id": key, "event": event, "data": {"call_id": "c", "caller_name": "Ada Moreno"}})
    Inbox(db).keep(Delivery(key=key, event=event, body=body.encode(), call_id="c", received_us=1))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_calls_and_the_day_arrive_once_each(db, env, world, redis):
    midnight = db.now_us() // DAY_US * DAY_US
    open_day(db, Lane("", "email.send", f"{TO}/summary"), midnight - DAY_US, midnight - DAY_US)
    keep(db, "d-1", "call.completed")
    keep(db, "d-2", "lead.created")

    with started("-m", "receiver", "worker", env=env | world.email_env | {"EMAIL_DIGEST_AT": "0:00", "REDIS_URL": ""}):
        until(lambda: len(world.resend.emails) >= 3, what="three messages")

    subjects = sorted(email["subject"].partition(",")[0] for email in world.resend.emails)
    assert subjects == ["Calls of the day", "New call", "Re: New call"]
