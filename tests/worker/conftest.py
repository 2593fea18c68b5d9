import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

import pytest

from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.store import Database
from tests.support.processes import start_redis, started, until

WORKER = """
import logging, os, sys
from receiver import settings, worker
logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
worker.serve(settings.read(os.environ), "tests.toys")
"""


@dataclass
class Bench:
    """A database, a Redis, and a worker that can be killed and started again."""

    dir: Path
    db: Database
    redis: Popen
    database_env: dict
    processes: list = field(default_factory=list)

    @property
    def env(self):
        return self.database_env | {
            "TOYS": str(self.dir), "REDIS_URL": "", "INBOUNDFLOW_CALLED_AS": "sudo inboundflow",
        }  # fmt: skip

    def keep(self, *keys, event="call.completed", call_id=None, **more):
        for key in keys:
            data = {"call_id": call_id or f"call-of-{key}", "caller_phone": "+15550100", **more}
            body = json.dumps({"delivery_id": key, "event": event, "data": data}).encode()
            delivery = Delivery(key=key, event=event, body=body, received_us=1, call_id=data["call_id"])
            Inbox(self.db).keep(delivery)

    def notes(self, handler):
        path = self.dir / handler
        return path.read_text().splitlines() if path.exists() else []

    def wish(self, handler, wish):
        path = self.dir / f"{handler}.{wish}"
        path.touch()
        return path

    def attempts(self, handler):
        rows = self.db.read("SELECT attempts FROM runs WHERE handler = ? ORDER BY id", (handler,))
        return [row["attempts"] for row in rows]

    def states(self, handler):
        rows = self.db.read("SELECT state FROM runs WHERE handler = ? ORDER BY id", (handler,))
        return [row["state"] for row in rows]

    def until_states(self, handler, states, within_s=20):
        try:
            until(lambda: self.states(handler) == states, within_s=within_s)
        except AssertionError:
            raise AssertionError(f"{handler}: {self.states(handler)} after {within_s} s, not {states}") from None

    def work(self):
        context = started("-c", WORKER, env=self.env, stdout=(self.dir / "worker.log").open("a"), stderr=-2)
        self.processes.append(context)
        return context.__enter__()

    def log(self):
        return (self.dir / "worker.log").read_text()

    def restart_redis(self):
        self.redis.kill()
        self.redis.wait()
        (self.dir / "redis.sock").unlink(missing_ok=True)
        self.redis = start_redis(self.dir / "redis.sock")


@pytest.fixture
def bench(tmp_path, db, env):
    bench = Bench(tmp_path, db, start_redis(tmp_path / "redis.sock"), env)
    yield bench
    for context in bench.processes:
        context.__exit__(None, None, None)
    os.kill(bench.redis.pid, signal.SIGCONT)
    bench.redis.kill()
    bench.redis.wait()
