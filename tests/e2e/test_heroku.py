"""The Procfile's processes as Heroku starts and ends them, on a Postgres and a TLS Redis of its smallest plans."""

import random
import shutil
import threading
import time
from collections import Counter

import pytest

from mock_sender import payloads, sender
from receiver import settings, store
from tests.support import postgres as pg
from tests.support.heroku import KILLED_AFTER_S, PLAN_CONNECTIONS, App, KeyValue
from tests.support.processes import until
from tests.support.tools import lacking

pytestmark = pytest.mark.timed

SECRET = "a secret for Heroku"
BOOT_S = 8  # the sender waits 10 s, and Heroku's router holds its request back until the dyno listens
ROUTER_S = 75
DEPLOYS = 2  # beside the first
EVERY_S = 3
SLOW_S = {"forward": 0.1, "hubspot": 0.01}
FORMATIONS = [
    # web dyno runs, Redis is,     dynos
    ("web",          "key-value", ("web", "worker")),
    ("up",           "key-value", ("web",)),
    ("up",           "embedded",  ("web",)),
]  # fmt: skip


@pytest.fixture(scope="module")
def small_postgres():
    """With as many connections as the plan has; one is ours, to count the others."""
    if pg.programs() is None:
        lacking("the programs of a Postgres server (on Debian: apt install postgresql)")
    server = pg.Server(max_connections=PLAN_CONNECTIONS, superuser_reserved_connections=0)
    yield server
    server.close()


@pytest.fixture
def key_value(tmp_path):
    if not shutil.which("redis-server"):  # the wheel's server was built without TLS
        lacking("a redis-server that speaks TLS")
    server = KeyValue(tmp_path)
    yield server
    server.close()


class Traffic(threading.Thread):
    """Calls through Heroku's router, which holds a request back while no dyno listens."""

    def __init__(self, app):
        super().__init__(daemon=True)
        self.app = app
        self.enough = threading.Event()
        self.kept, self.failed = [], []

    def run(self):
        rng = random.Random(11)
        while not self.enough.is_set():
            for payload in payloads.call(rng):
                self.route(payload)
                time.sleep(0.3)

    def route(self, payload):
        began = time.monotonic()
        answer = self.ask(payload)
        while "nothing listens" in answer.failure and time.monotonic() - began < ROUTER_S:
            time.sleep(0.05)
            answer = self.ask(payload)
        if answer.status == 200:
            self.kept.append(payload.delivery_id)
        else:
            self.failed.append((payload.delivery_id, answer.status, answer.failure))

    def ask(self, payload):
        return sender.deliver(f"http://127.0.0.1:{self.app.port}/webhooks/inboundflow", payload, secret=SECRET)


class Count(threading.Thread):
    """The most connections that the services saw at once."""

    def __init__(self, postgres, redis):
        super().__init__(daemon=True)
        self.postgres, self.redis = postgres, redis
        self.enough = threading.Event()
        self.most = {"postgres": 0, "redis": 0}

    def run(self):
        sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'inboundflow-receiver'"
        while not self.enough.wait(0.1):
            self.most["postgres"] = max(self.most["postgres"], self.postgres.execute(sql)[0][0])
            if self.redis:
                self.most["redis"] = max(self.most["redis"], self.redis.connections())


@pytest.mark.parametrize(("web_command", "redis", "formation"), FORMATIONS)
def test_deploys_lose_nothing_and_double_nothing(
    tmp_path, small_postgres, world, request, web_command, redis, formation
):
    service = request.getfixturevalue("key_value") if redis == "key-value" else None
    config = {
        "DATABASE_URL": small_postgres.new_database(), "INBOUNDFLOW_SIGNING_SECRET": SECRET,
        "WEB_COMMAND": web_command,
        "HUBSPOT_ACCESS_TOKEN": world.env["HUBSPOT_ACCESS_TOKEN"], "HUBSPOT_API_URL": world.env["HUBSPOT_API_URL"],
        "FORWARD_URL": f"{world.url}/forward/", "FORWARD_ALLOW_HOSTS": world.url.removeprefix("http://"),
    }  # fmt: skip
    config |= {"REDIS_URL": service.url} if service else {}
    world.watch = lambda name, path, stage: time.sleep(SLOW_S[name])  # so that each SIGTERM meets attempts under way
    app = App(formation, config, tmp_path)
    traffic, count = Traffic(app), Count(small_postgres, service)
    try:
        boots = [app.deploy()]
        traffic.start()
        count.start()
        for _ in range(DEPLOYS):
            time.sleep(EVERY_S)
            boots.append(app.deploy())
        traffic.enough.set()
        traffic.join(ROUTER_S)
        wait_for_runs(config, 2 * len(traffic.kept))
        app.retire()
        ends_s = app.ends_s()
    finally:
        count.enough.set()
        if count.ident:
            count.join()  # before the services that it asks are gone
        app.kill()

    effects = Counter((one["destination"], one["delivery_id"]) for one in world.state()["effects"])
    assert traffic.failed == []
    assert effects == {(place, key): 1 for place in ("hubspot", "forward") for key in traffic.kept}
    assert max(boots) < BOOT_S
    assert max(ends_s) < KILLED_AFTER_S
    assert max(count.most.values()) < PLAN_CONNECTIONS


def wait_for_runs(config, number):
    """Until so many have succeeded."""
    db = store.connect(settings.read(config))
    done = "SELECT count(*) AS n FROM runs WHERE state = 'succeeded'"
    try:
        until(lambda: db.read(done)[0]["n"] == number, within_s=90, what="every run's end")
    finally:
        db.close()
