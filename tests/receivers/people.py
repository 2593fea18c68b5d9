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

from mock_sender.conformance.runner import chosen
from tests.receivers.right import right
from tests.support.processes import CHECKOUT, free_port, until

HERE = Path(__file__).resolve().parent
MODULES = CHECKOUT / "var" / "npm" / "receivers"  # installed once, outside what is kept
DJANGO = "django==5.2.19"
DJANGO_HOME = CHECKOUT / "var" / "pip" / DJANGO
STARTS_WITHIN_S = 30  # two slow cores that are busy with something else
ODD = (65, 95)  # a long transcript, and the bad day that has one in it
# Every check that sends, or is followed by, a delivery with an accent in it. These have none, or expect no 2xx.
WITHOUT_AN_ACCENT = (3, 28, 62, 64, 70, 96)
NOT_SEEN = (31, 55, 56, 57)  # without a previous secret and --effects
WITH_AN_ACCENT = tuple(check.number for check in chosen(skip=(*WITHOUT_AN_ACCENT, *NOT_SEEN)) if not check.is_advice)


class Lacking(RuntimeError):
    """This machine has not the program; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """One receiver: what is right or wrong about it, how it is started, and which checks find its mistake.

    Where `refused`, the first genuine delivery is: nothing is checked, and a sentence says so.
    """

    title: str
    command: Callable[[int], list]
    version: Callable[[], str]
    path: str = "/webhook"
    env: Callable[[str], dict] = lambda folder: {}
    fails: tuple = ()
    refused: str = ""


def program(name, package):
    found = shutil.which(name)
    if not found:
        raise Lacking(f"{name} (on Debian: apt install {package})")
    return found


def node_modules():
    """The folder of Node's modules with what the lock file says in it."""
    program("node", "nodejs")
    lock = (HERE / "node" / "package-lock.json").read_text()
    kept = MODULES / "package-lock.json"
    complete = MODULES / "node_modules" / ".package-lock.json"  # npm writes it when all is there
    if not complete.exists() or kept.read_text() != lock:
        MODULES.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "node" / name, MODULES)
        fetch([program("npm", "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], MODULES)
    if not complete.exists():
        raise Lacking("npm's registry within reach")
    return MODULES / "node_modules"


def django():
    """The folder that Django is installed in."""
    if not (DJANGO_HOME / "django").exists():
        DJANGO_HOME.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=DJANGO_HOME.parent) as folder:
            fetch([sys.executable, "-m", "pip", "install", "-q", "--target", f"{folder}/new", DJANGO], folder)
            if not Path(folder, "new", "django").exists():
                raise Lacking("Python's package index within reach")
            with suppress(OSError):  # another test was faster
                os.rename(f"{folder}/new", DJANGO_HOME)
    return DJANGO_HOME


def fetch(command, folder):
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)


def first_line(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]


def node(file, package, title, **more):
    def which():
        read = json.loads((node_modules() / package / "package.json").read_text())
        return f"{package.title()} {read['version']}, Node {first_line('node', '--version')}"

    mistake = more.pop("mistake", "")
    return Person(
        title=title, command=lambda port: [program("node", "nodejs"), str(HERE / "node" / file)], version=which,
        env=lambda folder: {"NODE_PATH": str(node_modules()), "MISTAKE": mistake}, **more,
    )  # fmt: skip


def php(title, mistake="", **more):
    return Person(
        title=title,
        command=lambda port: [program("php", "php-cli"), "-S", f"127.0.0.1:{port}", str(HERE / "php" / "webhook.php")],
        version=lambda: re.match(r"PHP [\d.]+", first_line(program("php", "php-cli"), "--version"))[0],
        env=lambda folder: {"SEEN_FOLDER": folder, "PHP_CLI_SERVER_WORKERS": "24", "MISTAKE": mistake},
        **more,
    )


def flask_version():
    return f"Flask {version('flask')}"


def django_version():
    return f"Django {DJANGO.partition('==')[2]}"


def wsgi(app, title, version, mistake="", env=dict, **more):
    """Behind gunicorn, with more threads than there are slow neighbours."""
    options = ["--threads", "40", "--log-level", "error", "--chdir", str(HERE)]
    return Person(
        title=title,
        command=lambda port: [sys.executable, "-m", "gunicorn", *options, "-b", f"127.0.0.1:{port}", app],
        version=version,
        env=lambda folder: {"MISTAKE": mistake, **env()},
        **more,
    )


def of_django():
    return {"PYTHONPATH": str(django())}


def asgi(app, title, mistake="", **more):
    """Django behind uvicorn."""
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        app,
        "--app-dir",
        str(HERE),
        "--lifespan",
        "off",
        "--log-level",
        "error",
    ]
    return Person(
        title=title,
        command=lambda port: [*command, "--port", str(port)],
        version=django_version,
        env=lambda folder: {"MISTAKE": mistake, **of_django()},
        **more,
    )


def fastapi(title, mistake="", **more):
    return Person(
        title=title,
        command=lambda port: [sys.executable, str(HERE / "fastapi_app.py")],
        version=lambda: f"FastAPI {version('fastapi')}",
        env=lambda folder: {"MISTAKE": mistake},
        **more,
    )


def sinatra(title, mistake="", **more):
    def which():
        return f"Sinatra {first_line(ruby(), '-e', 'require %q(sinatra/version); puts Sinatra::VERSION')}"

    return Person(
        title=title,
        command=lambda port: [ruby(), str(HERE / "sinatra" / "webhook.rb"), "-s", "webrick"],
        version=which,
        env=lambda folder: {"MISTAKE": mistake},
        **more,
    )


def ruby():
    found = program("ruby", "ruby-sinatra ruby-webrick")
    if subprocess.run([found, "-e", "require %q(sinatra/base); require %q(webrick)"], capture_output=True).returncode:
        raise Lacking("Sinatra and WEBrick (on Debian: apt install ruby-sinatra ruby-webrick)")
    return found


def hooks(title, **more):
    options = ["-template", "-hooks", str(HERE / "webhook" / "hooks.json"), "-ip", "127.0.0.1", "-urlprefix", ""]
    return Person(
        title=title,
        command=lambda port: [program("webhook", "webhook"), *options, "-port", str(port)],
        version=lambda: f"webhook {first_line(program('webhook', 'webhook'), '-version').split()[-1]}",
        **more,
    )


PEOPLE = {
    "express": node("right.js", "express", "Express: raw bytes, the age looked at, 200 before the work"),
    "express-documentation": node(
        "documentation.js", "express",
        "Express with the documentation's verifier: no length compared, no age looked at, 100 kB at most",
        fails=(20, 26, 27, 40, 41, 45, *ODD),
    ),
    "fastify": node("fastify.js", "fastify", "Fastify: a parser that keeps the raw bytes"),
    "fastify-schema": node(
        "fastify.js", "fastify", "Fastify with a schema on the route: 400 to what is signed and odd", mistake="schema",
        fails=(60, 71, 95),
    ),
    "flask": wsgi("flask_app:app", "Flask: `request.get_data()`, and 200 to whatever is signed", flask_version),
    "flask-dumps": wsgi(
        "flask_app:app", "Flask that verifies `json.dumps` of the parsed body", flask_version, mistake="dumps",
        fails=WITH_AN_ACCENT,
    ),
    "flask-conflict": wsgi(
        "flask_app:app", "Flask that answers 409 to a duplicate", flask_version, mistake="conflict", fails=(50, 51, 52, 53, 95),
    ),
    "fastapi": fastapi("FastAPI: `await request.body()`, no model in the way"),
    "fastapi-models": fastapi(
        "FastAPI with pydantic models: 422 to what is signed and odd", mistake="models",
        fails=(60, 61, 62, 64, 68, 71, 95),
    ),
    "django": asgi("django_site:app", "Django under ASGI: `csrf_exempt` and `request.body`"),
    "django-wsgi": wsgi(
        "django_site:wsgi", "Django under WSGI, to which a body in chunks is empty", django_version, env=of_django,
        fails=(9,),
    ),
    "django-csrf": asgi(
        "django_site:app", "Django without `csrf_exempt`", mistake="csrf",
        refused="answered 403. Is the secret that of the receiver, and its route exempt from the framework's CSRF",
    ),
    "php": php("plain PHP: `php://input`, and 200 to whatever is signed"),
    "php-null": php("plain PHP that refuses what `json_decode` cannot read", mistake="null", fails=(68,)),
    "sinatra": sinatra("Sinatra: `request.body.read` once, and `secure_compare`"),
    "sinatra-nil": sinatra("Sinatra that compares a header that is not there", mistake="nil", fails=(20, 84)),
    "webhook": hooks(
        "`webhook` with its HMAC rule, which leaves the timestamp out",
        refused="answered 500. Its own log should say why",
    ),
    "webhook-token": hooks(
        "`webhook` with a secret in the URL, and no signature", path="/token?token={secret}",
        fails=(*range(20, 28), 40, 41, 44, 45, 84, 85),
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
