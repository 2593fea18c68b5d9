"""Receivers as people write them, in several languages: `started(name, secret)` runs one and gives its URL."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import httpx

from tests.receivers.right import right
from tests.support.processes import CHECKOUT, free_port, until

HERE = Path(__file__).resolve().parent
MODULES = CHECKOUT / "var" / "npm" / "express"  # installed once, outside what is kept
STARTS_WITHIN_S = 30  # two slow cores that are busy with something else


class Lacking(RuntimeError):
    """This machine has not the program; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """One receiver: what it is, and how it is started."""

    title: str
    command: Callable[[int], list]
    version: Callable[[], str]
    path: str = "/webhook"
    env: Callable[[str], dict] = lambda folder: {}


def program(name, package):
    found = shutil.which(name)
    if not found:
        raise Lacking(f"{name} (on Debian: apt install {package})")
    return found


def express():
    """The folder of Node's modules with what the lock file says in it."""
    program("node", "nodejs")
    lock = (HERE / "express" / "package-lock.json").read_text()
    kept = MODULES / "package-lock.json"
    complete = MODULES / "node_modules" / ".package-lock.json"  # npm writes it when all is there
    if not complete.exists() or kept.read_text() != lock:
        MODULES.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "express" / name, MODULES)
        install = [program("npm", "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(install, cwd=MODULES, capture_output=True, timeout=120, check=False)
    if not complete.exists():
        raise Lacking("npm's registry within reach")
    return MODULES / "node_modules"


def first_line(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]


def php(port):
    return [program("php", "php-cli"), "-S", f"127.0.0.1:{port}", str(HERE / "php" / "webhook.php")]


def hooks(port):
    file = str(HERE / "webhook" / "hooks.json")
    return [
        program("webhook", "webhook"),
        "-template",
        "-hooks",
        file,
        "-ip",
        "127.0.0.1",
        "-port",
        str(port),
        "-urlprefix",
        "",
    ]


def hooks_version():
    return f"webhook {first_line(program('webhook', 'webhook'), '-version').split()[-1]}"


PEOPLE = {
    "express": Person(
        title="Express, with the documentation's verifier",
        command=lambda port: [program("node", "nodejs"), str(HERE / "express" / "server.js")],
        version=lambda: "Express {}, Node {}".format(
            json.loads((express() / "express" / "package.json").read_text())["version"], first_line("node", "--version")
        ),
        env=lambda folder: {"NODE_PATH": str(express())},
    ),
    "php": Person(
        title="plain PHP",
        command=php,
        version=lambda: re.match(r"PHP [\d.]+", first_line(program("php", "php-cli"), "--version"))[0],
        env=lambda folder: {"SEEN_FOLDER": folder, "PHP_CLI_SERVER_WORKERS": "8"},
    ),
    "flask": Person(
        title="Flask, as tutorials have it",
        command=lambda port: [sys.executable, str(HERE / "plain_flask.py")],
        version=lambda: f"Flask {version('flask')}",
    ),
    "fastapi": Person(
        title="FastAPI with pydantic models",
        command=lambda port: [sys.executable, str(HERE / "fastapi_pydantic.py")],
        version=lambda: f"FastAPI {version('fastapi')}",
    ),
    "webhook": Person(title="`webhook` with its HMAC rule", command=hooks, version=hooks_version),
    "webhook-token": Person(
        title="`webhook` with a secret in the URL", command=hooks, version=hooks_version, path="/token?token={secret}"
    ),
}  # fmt: skip


@contextmanager
def started(name, secret, previous_secret=""):
    """Runs the receiver until the end of the block, and gives its URL. Raises Lacking. `right` is one of the names."""
    if name == "right":
        with right(secret, previous_secret=previous_secret) as receiver:
            yield receiver.url
        return
    person, port = PEOPLE[name], free_port()
    with tempfile.TemporaryDirectory() as folder, open(f"{folder}/log", "wb") as log:
        env = {**os.environ, **person.env(folder), "WEBHOOK_SECRET": secret, "PORT": str(port)}
        running = subprocess.Popen(
            person.command(port), cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True
        )
        try:
            until(lambda: answers(port), within_s=STARTS_WITHIN_S, what=f"the start of {name}")
            yield f"http://127.0.0.1:{port}" + person.path.format(secret=secret)
        finally:
            end(running)


def answers(port):
    with suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)


def end(running):
    """It and all the processes it has started."""
    with suppress(ProcessLookupError):
        os.killpg(running.pid, 9)
    running.wait()
