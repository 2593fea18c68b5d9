"""Nothing secret, and nothing that a caller said, is in what a receiver printed, answered, or left in its folder.

Each process of a receiver that a test starts (processes.started) is looked at when it has ended: its log, the other
files of its DATA_DIR, and what it answered to processes.get. What must not be there is known by itself: the secrets are
in its variables, and what callers said is in its inbox.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import psycopg

SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|_KEY$|_DSN$|CREDENTIALS_JSON|ACCOUNT_JSON")
NO_SECRET = {"INBOUNDFLOW_ALLOW_UNSIGNED"}
SECRET_URL = re.compile(r"_WEBHOOK_URL$|^(DATABASE|REDIS)_URL$")
SAID = (
    *("caller_phone", "caller_name", "caller_email", "summary", "call_summary", "transcript", "recording_url"),
    *("transferred_to_number", "interest"),
)
CHARS = 7  # what is shorter may stand anywhere
DELIVERIES = 300
CONSOLE = "handler console.show is on"  # it shows calls on stdout, which is what it is for
NOT_LOGS = ("inbox.db", "signing_secret", "demo")
ON = False  # tests/conftest.py: a benchmark's processes write to the terminal as ever
ANSWERS: dict[int, list[bytes]] = defaultdict(list)  # by port
SCANNED: Counter[str] = Counter()


def note_answer(port, body):
    if ON:
        ANSWERS[port].append(body)


class Outputs:
    """What one process prints: into files of ours where the test has none of its own."""

    def __init__(self, options):
        self.own = {}
        self.options = dict(options)
        if ON:
            for name in ("stdout", "stderr"):
                if options.get(name) is None:
                    self.own[name] = self.options[name] = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `check`)

    def show(self):
        """As it would have been seen, for whoever reads why a test failed."""
        for name, file in self.own.items():
            file.seek(0)
            getattr(sys, name).write(file.read().decode(errors="replace"))

    def read(self):
        """Of stdout and stderr the text; the second holds both where they are one."""
        texts = {name: text_of(self.options.get(name)) for name in ("stdout", "stderr")}
        if self.options.get("stderr") == -2:  # subprocess.STDOUT
            texts = {"stdout": "", "stderr": texts["stdout"]}
        return texts

    def close(self):
        for file in self.own.values():
            file.close()


def text_of(file):
    """A file of ours has no name."""
    if isinstance(name := getattr(file, "name", None), str):
        with contextlib.suppress(OSError):
            return Path(name).read_text(errors="replace")
    if name is not None:
        file.seek(0)
        return file.read().decode(errors="replace")
    return ""


def check(arguments, env, outputs):
    """Raises AssertionError with the kind of what was found and where, once the process has ended."""
    if not ON or "DATA_DIR" not in env or "--demo" in arguments:
        return
    secrets, said = secrets_in(env), said_by_callers(env)
    texts = outputs.read()
    outputs.close()
    places = {"its stderr": texts["stderr"], **files_of(Path(env["DATA_DIR"]))}
    port = env.get("PORT")
    places |= {f"an answer at {port}": answer.decode(errors="replace") for answer in ANSWERS.pop(int(port or 0), [])}
    shows_calls = CONSOLE in texts["stderr"] and outputs.options.get("stderr") == -2
    leaks = [] if shows_calls else list(found(places, said))
    leaks += found(places | {"its stdout": texts["stdout"]}, secrets)
    SCANNED.update(processes=1, characters=sum(map(len, places.values())), values=len(secrets) + len(said))
    assert leaks == [], f"{arguments} leaks {leaks}"


def found(places, values):
    for where, text in places.items():
        for value, kind in values.items():
            if value in text or json.dumps(value)[1:-1] in text:
                line = next((line for line in text.splitlines() if value in line), "")
                yield f"{kind} in {where}: {line[:300]}"


def secrets_in(env):
    values = {value: name for name, value in env.items() if SECRET.search(name) and name not in NO_SECRET}
    values |= {path_of(value): name for name, value in env.items() if SECRET_URL.search(name)}
    with contextlib.suppress(OSError):
        values[Path(env["DATA_DIR"], "signing_secret").read_text().strip()] = "the secret that it made"
    return {value: name for value, name in values.items() if len(value) >= CHARS}


def path_of(url):
    """What is secret in an address: a webhook's path, a database's password."""
    if match := re.match(r"\w+://[^/@]*:([^/@]+)@", url):
        return match.group(1)
    return url.partition("://")[2].partition("/")[2] if "hooks" in url else ""


def files_of(folder):
    """The log files and whatever else lies beside the database, by name.

    A process that was killed may leave others behind for a moment, which take their own files away as they end.
    """
    paths = [Path(place, name) for place, _, names in os.walk(folder) for name in names]
    logs = [
        path
        for path in paths
        if path.suffix in (".log", ".txt", ".json", "") and not path.relative_to(folder).parts[0].startswith(NOT_LOGS)
    ]
    texts = {}
    for path in logs[:50]:
        with contextlib.suppress(FileNotFoundError):
            if path.is_file():
                texts[path.name] = path.read_bytes()[:4_000_000].decode(errors="replace")
    return texts


def said_by_callers(env):
    bodies = []
    with contextlib.suppress(sqlite3.Error, psycopg.Error):
        bodies = from_postgres(env["DATABASE_URL"]) if env.get("DATABASE_URL") else from_file(env["DATA_DIR"])
    values = {}
    for body in bodies:
        with contextlib.suppress(ValueError, TypeError, AttributeError):
            data = json.loads(body).get("data", {})
            values |= {data[name]: f"a caller's {name}" for name in SAID if isinstance(data.get(name), str)}
    return {value: kind for value, kind in values.items() if len(value) >= CHARS}


BODIES = f"SELECT body FROM deliveries ORDER BY id DESC LIMIT {DELIVERIES}"


def from_file(folder):
    """Read only, so that no log of the database is taken in by it."""
    path = Path(folder, "inbox.db")
    if not path.exists():
        return []
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1)) as db:
        return [row[0] for row in db.execute(BODIES)]


def from_postgres(url):
    with psycopg.connect(url, connect_timeout=1, options="-c statement_timeout=2000") as db:
        return [row[0] for row in db.execute(BODIES)]
