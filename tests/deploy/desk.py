"""A checkout at which somebody sits who follows a page: commands run in it word for word."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager, suppress

from tests.support.processes import CHECKOUT, free_port, started, until
from tests.support.tools import lacking

SECRET = "whsec_the-secret-of-before"


class Desk:
    def __init__(self, path, **env):
        self.path = path
        self.port = free_port()
        self.env = {
            "DATA_DIR": str(path / "var"), "PORT": str(self.port), "INBOUNDFLOW_SIGNING_SECRET": SECRET,
            "PYTHONPATH": str(CHECKOUT), **env,
        }  # fmt: skip
        (path / ".venv" / "bin").mkdir(parents=True)
        (path / "bin").mkdir()
        self.command(".venv/bin/receiver", "receiver")
        self.command(".venv/bin/mock-sender", "mock_sender")
        self.command("bin/up", "receiver up")

    def command(self, name, module):
        script = self.path / name
        script.write_text(f'#!/bin/sh\nexec {sys.executable} -m {module} "$@"\n')
        script.chmod(0o755)

    @property
    def changes(self):
        """What a reader puts in place of the page's examples."""
        here = f"http://127.0.0.1:{self.port}"
        return {"http://127.0.0.1:8000": here, "https://your-address": here}

    def run(self, script, **env):
        if re.search(r"\bcurl\b", script) and not shutil.which("curl"):
            lacking("curl (on Debian: apt install curl)")
        command = ["bash", "-ec", script]
        env = {**os.environ, **self.env, **env}
        return subprocess.run(command, cwd=self.path, env=env, capture_output=True, text=True, timeout=90)

    def must(self, script, **env):
        ran = self.run(script, **env)
        assert ran.returncode == 0, f"{script}\n{ran.stdout}{ran.stderr}"
        return ran.stdout

    @contextmanager
    def up(self, **env):
        with started("-m", "receiver", "up", env={**self.env, **env}) as process:
            until(self.answers, within_s=60, what="the receiver")
            yield process
            process.terminate()
            process.wait(20)

    @contextmanager
    def running(self, script):
        """A command of the page that stays, in a terminal of its own."""
        env = {**os.environ, **self.env}
        process = subprocess.Popen(["bash", "-c", script], cwd=self.path, env=env, start_new_session=True)
        try:
            until(self.answers, within_s=60, what="the receiver")
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)

    def answers(self):
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200

    def states(self):
        """How many runs stand in which state, as the command line tells it."""
        listed = json.loads(self.must(".venv/bin/receiver deliveries --limit 100 --json"))
        return dict(Counter(run["state"] for delivery in listed["deliveries"] for run in delivery["runs"]))
