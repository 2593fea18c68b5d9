"""The receivers that are compared, each as a process of its own on the same disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from receiver.app.server import PROCESSES
from tests.support.processes import free_port, kill_group, listens, until

THREADS = 32  # of plain Flask: each waits for the disk most of its time
HERE = Path(__file__).resolve().parent
SECRET = "a secret for benchmarks"


@dataclass(frozen=True, kw_only=True)
class Receiver:
    name: str
    durability: str
    command: Sequence[str]
    database: str  # in the round's directory; "" where nothing is stored
    cwd: Path = HERE.parent
    missing: str = ""  # why it cannot run here

    def stored(self, directory: Path) -> int:
        """How many deliveries are in its database."""
        if not self.database:
            return 0
        with contextlib.closing(sqlite3.connect(directory / self.database)) as db:
            return int(db.execute("SELECT count(*) FROM deliveries").fetchone()[0])


def receivers() -> list[Receiver]:
    gunicorn = [sys.executable, "-m", "gunicorn", "--no-control-socket", "-k", "gthread", "-w", str(PROCESSES)]
    fsync = "WAL, synchronous=FULL"
    return [
        Receiver(
            name="ours", durability=fsync, database="inbox.db", command=[sys.executable, "-m", "receiver", "up"]
        ),
        Receiver(
            name="ours, storing nothing", durability="none", database="",
            command=[sys.executable, "-m", "benchmarks.no_store"],
        ),
        Receiver(
            name="plain Flask", durability=fsync, database="plain.db",
            command=[*gunicorn, "--threads", str(THREADS), "-b", "127.0.0.1:@PORT@", "benchmarks.plain_flask:app"],
        ),
        Receiver(
            name="Express, better-sqlite3", durability=fsync, database="plain.db", command=["node", "server.js"],
            cwd=HERE / "express", missing=express_missing(),
        ),
    ]  # fmt: skip


def express_missing() -> str:
    """Why Express cannot be run, after an attempt to install it."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "Node.js is not installed"
    built = HERE / "express" / "node_modules" / "better-sqlite3" / "build" / "Release" / "better_sqlite3.node"
    if not built.exists():
        npm("ci", "--no-audit", "--no-fund", "--ignore-scripts")
        npm("rebuild", "better-sqlite3", "--build-from-source")
    return "" if built.exists() else "better-sqlite3 could not be built here (needs a C++ compiler, Node's headers)"


def npm(*arguments: str) -> None:
    env = {**os.environ, "npm_config_nodedir": "/usr"}  # headers of the installed Node; its site may be out of reach
    subprocess.run(["npm", *arguments], cwd=HERE / "express", env=env, capture_output=True, check=False)


@contextlib.contextmanager
def running(receiver: Receiver, directory: Path, env: Mapping[str, str]) -> Iterator[int]:
    """Start it on a free port, and end it and all of its processes afterwards."""
    port = free_port()
    command = [part.replace("@PORT@", str(port)) for part in receiver.command]
    variables = {
        **env, "PORT": str(port), "DATA_DIR": str(directory), "DATABASE": str(directory / "plain.db"),
        "INBOUNDFLOW_SIGNING_SECRET": SECRET,
    }  # fmt: skip
    with open(directory / "output", "w") as output:
        process = subprocess.Popen(
            command, cwd=receiver.cwd, env=variables, stdout=output, stderr=output, start_new_session=True
        )
    try:
        until(lambda: listens(port), what=f"a server on port {port}")
        time.sleep(1)  # the socket listens before the process answers
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(12)
        kill_group(process.pid)
        process.wait()
