"""The receivers that are compared: ours, and what people would use instead, each as its community writes it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
NODE = HERE / "node"
SECRET = "a secret for benchmarks"
PATH = "/webhooks/inboundflow"
WEB_PROCESSES = 2  # of ours, and of each that is asked to run as many
FSYNC = "fsync before 200"
COUNT = "SELECT count(*) FROM deliveries"


@dataclass(frozen=True, kw_only=True)
class Contender:
    """How it is started. @PORT@ stands for its port and @FOLDER@ for the round's folder."""

    name: str
    durability: str
    command: Sequence[str]
    database: str = ""  # in the round's folder, or "postgres"; "" where nothing is stored
    count: str = COUNT  # asks its database how many deliveries it has
    needs: Sequence[str] = ()  # of redis, postgres, node, webhook, n8n: what it cannot run without
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = CHECKOUT
    path: str = PATH
    signs_time: bool = True  # else what is sent to it is signed without its timestamp
    serves: Callable[[int], bool] | None = None  # whether it takes deliveries at its port; None: once it answers
    starts_within_s: float = 60

    def stored(self, folder: Path, postgres_url: str = "") -> int:
        """How many deliveries are in its database."""
        if self.database == "postgres":
            with psycopg.connect(postgres_url) as server:
                return int((server.execute(self.count).fetchone() or [0])[0])
        if not self.database:
            return 0
        with contextlib.closing(sqlite3.connect(folder / self.database)) as db:
            return int(db.execute(self.count).fetchone()[0])


def contenders() -> list[Contender]:
    """All there are, whether they can run here or not; see `missing`."""
    return [*ours(), *python(), *node(), n8n(), webhook()]


def ours() -> list[Contender]:
    receiver = [sys.executable, "-m", "receiver"]
    return [
        Contender(name="ours", durability=FSYNC, database="inbox.db", command=[*receiver, "up"]),
        Contender(name="ours, web process alone", durability=FSYNC, database="inbox.db", command=[*receiver, "web"]),
        Contender(
            name="ours on Postgres", durability=FSYNC, database="postgres", command=[*receiver, "up"],
            needs=["postgres"],
        ),
        Contender(
            name="ours, storing nothing", durability="none",
            command=[sys.executable, "-m", "benchmarks.contenders.storing_nothing"],
        ),
    ]  # fmt: skip


def python() -> list[Contender]:
    gunicorn = [sys.executable, "-m", "gunicorn", "--no-control-socket", "-k", "gthread", "--threads", "32"]
    flask = [*gunicorn, "-w", str(WEB_PROCESSES), "-b", "127.0.0.1:@PORT@", "benchmarks.contenders.flask_insert:app"]
    uvicorn = [sys.executable, "-m", "uvicorn", "--no-access-log", "--log-level", "warning", "--port", "@PORT@"]
    fastapi = [*uvicorn, "--workers", str(WEB_PROCESSES), "benchmarks.contenders.fastapi_insert:app"]
    return [
        Contender(name="Flask", durability=FSYNC, database="plain.db", command=flask),
        Contender(
            name="Flask, RQ in the request", durability=FSYNC, database="plain.db", command=flask, needs=["redis"]
        ),
        Contender(name="FastAPI, uvicorn", durability=FSYNC, database="plain.db", command=fastapi),
    ]  # fmt: skip


def node() -> list[Contender]:
    def js(name: str, file: str, *needs: str, processes: int = 1) -> Contender:
        return Contender(
            name=name, durability=FSYNC, database="plain.db", command=["node", file], cwd=NODE, needs=["node", *needs],
            env={"PROCESSES": str(processes)},
        )  # fmt: skip

    return [
        js("Express", "express.js"),
        js("Express, BullMQ", "express.js", "redis"),
        js("Fastify", "fastify.js"),
        js("Fastify, two processes", "fastify.js", processes=2),
        js("Fastify, BullMQ", "fastify.js", "redis"),
    ]


def n8n() -> Contender:
    """It commits an execution with the delivery before it answers, and has not looked at the signature by then."""
    from . import n8n_webhook  # with what the tests have, which the other contenders' processes do not need

    return Contender(
        name="n8n", durability=f"{FSYNC}, signature unchecked", database=".n8n/database.sqlite",
        count="SELECT count(*) FROM execution_entity", needs=["n8n"], path=n8n_webhook.PATH,
        serves=n8n_webhook.serves,
        command=[sys.executable, "-m", "benchmarks.contenders.n8n_webhook", "@FOLDER@"], starts_within_s=180,
    )  # fmt: skip


def webhook() -> Contender:
    """Debian's, which runs a program for each request. It signs bodies alone, so it is sent such signatures."""
    return Contender(
        name="Debian's webhook", durability="none: runs /bin/true", needs=["webhook"], path="/hooks/inboundflow",
        command=["webhook", "-hooks", "@FOLDER@/hooks.json", "-ip", "127.0.0.1", "-port", "@PORT@"], signs_time=False,
    )  # fmt: skip


def hooks() -> str:
    """The file that Debian's webhook is configured by."""
    signature = {"source": "header", "name": "X-InboundFlow-Signature"}
    rule = {"match": {"type": "payload-hmac-sha256", "secret": SECRET, "parameter": signature}}
    return json.dumps([{"id": "inboundflow", "execute-command": "/bin/true", "trigger-rule": rule}])


def missing(contender: Contender) -> str:
    """Why it cannot run here, after an attempt to install Node's packages; "" where it can."""
    from tests.receivers import n8n
    from tests.support import postgres, processes  # which are not part of what is installed

    reasons = {
        "redis": "" if processes.redis_program() else "no redis-server here",
        "postgres": "" if postgres.programs() else "no Postgres server here",
        "webhook": "" if shutil.which("webhook") else "webhook is not installed (Debian: apt install webhook)",
        "n8n": "" if n8n.is_installed() else "n8n is not installed: python -m tests.receivers.n8n does it (2.7 GB)",
        "node": node_missing() if "node" in contender.needs else "",
    }
    return next((reason for need in contender.needs if (reason := reasons[need])), "")


def node_missing() -> str:
    if not shutil.which("node") or not shutil.which("npm"):
        return "Node.js is not installed"
    built = NODE / "node_modules" / "better-sqlite3" / "build" / "Release" / "better_sqlite3.node"
    if not built.exists():
        npm("ci", "--no-audit", "--no-fund", "--ignore-scripts")
        npm("rebuild", "better-sqlite3", "--build-from-source")
    return "" if built.exists() else "better-sqlite3 could not be built here (needs a C++ compiler, Node's headers)"


def npm(*arguments: str) -> None:
    env = {**os.environ, "npm_config_nodedir": "/usr"}  # headers of the installed Node; its site may be out of reach
    subprocess.run(["npm", *arguments], cwd=NODE, env=env, capture_output=True, check=False)
