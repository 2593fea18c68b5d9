import sqlite3
import time

import pytest

from receiver import settings, store
from receiver.app.build import create_app
from receiver.inbox import PROCESSES, REDIS, Trouble
from receiver.moving.cut_over import CLOSE
from tests.web.test_webhooks import a_body, post


def test_the_process_lives_whatever_else_does(client):
    assert client.get("/healthz").status_code == 200


def test_readyz_is_200_without_redis_and_says_so(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["status"], list(answer.json["degraded"])) == (200, "degraded", ["queue"])


@pytest.mark.parametrize(("ago_s", "led", "told"), [(90, False, True), (30, False, False), (90, True, False)])
def test_readyz_says_that_no_worker_has_seen_what_waits(client, database, ago_s, led, told):
    post(client, a_body())
    db = sqlite3.connect(database)
    db.execute("UPDATE deliveries SET received_us = received_us - ?", (ago_s * 1_000_000,))
    if led:
        until_us = int((time.time() + 5) * 1e6)
        db.execute("INSERT INTO leases (name, owner, until_us) VALUES ('dispatcher', 'a-worker', ?)", (until_us,))
    db.commit()

    answer = client.get("/readyz")

    said = answer.json["degraded"].get("worker")
    assert (answer.status_code, said) == (
        200,
        "No worker runs: 1 deliveries are kept, and wait for one." if told else None,
    )


FORWARD = "The clock: it was set forward by 2 h at 20"


@pytest.mark.parametrize(
    ("fact", "sentence"), [("clock", "The clock: it was ahead by 2 h, until 20"), ("clock set forward", FORWARD)]
)
@pytest.mark.parametrize(("ago_s", "told"), [(60, True), (7_200, False)])
def test_readyz_says_for_an_hour_what_was_odd_about_the_clock(client, database, fact, sentence, ago_s, told):
    db = sqlite3.connect(database)
    noted_us = int((time.time() - ago_s) * 1e6)
    db.execute("INSERT INTO facts (name, value, noted_us) VALUES (?, ?, ?)", (fact, str(7_200_000_000), noted_us))
    db.commit()

    said = client.get("/readyz").json["degraded"].get("clock", "")

    assert said.startswith(sentence) == told
    assert ("timedatectl" in said) == told


def test_readyz_is_503_when_nothing_can_be_committed(client, database):
    stranger = sqlite3.connect(database, isolation_level=None)
    stranger.execute("BEGIN EXCLUSIVE")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["reason"]) == (503, "not-stored")


def test_readyz_says_that_the_file_was_closed_by_a_cut_over(client, database):
    db = sqlite3.connect(database)
    for statement in CLOSE:
        db.execute(statement, (2**60,) if "?" in statement else ())
    db.commit()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["detail"]) == (
        503,
        "This inbox has moved to another database: set DATABASE_URL to it.",
    )


def test_readyz_says_what_the_worker_meets_that_the_web_process_does_not(app_env, redis_socket):
    environment = settings.read(app_env | {"REDIS_URL": f"unix://{redis_socket}"})
    client = create_app(environment).test_client()
    before = client.get("/readyz").json["degraded"]
    db = store.connect(environment)
    Trouble(db, REDIS, "a-worker").note("Redis refuses the password in REDIS_URL")
    Trouble(db, PROCESSES, "a-worker").note("its process for slack.post ends again and again (ended with 1)")

    degraded = client.get("/readyz").json["degraded"]
    db.close()

    assert (before, degraded) == (
        {},
        {
            "queue": "The worker says: Redis refuses the password in REDIS_URL. "
            "Deliveries are kept, and wait until it is fixed.",
            "worker": "The worker: its process for slack.post ends again and again (ended with 1). "
            "What that is for waits; the worker's log says more.",
        },
    )
