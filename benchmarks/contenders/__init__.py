"""The receivers that are compared: ours, and what people would use instead, each as its community writes it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
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
    needs: Sequence[str] = ()  # of redis, postgres, node, webhook: what it cannot run without
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = CHECKOUT
    path: str = PATH
    signs_time: bool = True  # else what is sent to it is signed without its timestamp

    def stored(self, folder: Path, postgres_url: str = "") -> int:
        """How many deliveries are in its database."""
        if self.database == "postgres":
            with psycopg.connect(postgres_url) as server:
                return int((server.execute(COUNT).fetchone() or [0])[0])
        if not self.database:
            return 0
        with contextlib.closing(sqlite3.connect(folder / self.database)) as db:
            return int(db.execute(COUNT).fetchone()[0])


def contenders() -> list[Contender]:
    """All there are, whether they can run here or not; see `missing`."""
    return [*ours(), *python(), *node(), webhook()]


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
    from tests.support import postgres, processes  # which are not part of what is installed

    reasons = {
        "redis": "" if processes.redis_program() else "no redis-server here",
        "postgres": "" if postgres.programs() else "no Postgres server here",
        "webhook": "" if shutil.which("webhook") else "webhook is not installed (Debian: apt install webhook)",
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
