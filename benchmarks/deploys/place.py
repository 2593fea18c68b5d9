"""Where one receiver runs for a while, and how to see that it does."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from tests.support import systemd
from tests.support.processes import CHECKOUT, until

BOOT_WITHIN_S = 60
LOOK_EVERY_S = 0.05


class Place:
    """One receiver's directory and environment, and the processes that run there; all end with it."""

    def __init__(self, directory: Path, env: Mapping[str, str]) -> None:
        self.directory = directory
        self.env = {**os.environ, **env, "DATA_DIR": str(directory), "PYTHONPATH": str(CHECKOUT)}
        self.log = (directory / "log").open("ab")
        self.ends = ExitStack()
        self.ends.callback(self.log.close)

    def start(self, what: str, port: int = 0) -> subprocess.Popen[bytes]:
        """`receiver WHAT`, in a process group of its own."""
        command = [sys.executable, "-m", "receiver", what]
        env = {**self.env, "PORT": str(port)} if port else self.env
        return self.kept(self.run(command, env))

    def run(self, command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command, env=dict(env), cwd=CHECKOUT, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def kept(self, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        self.ends.callback(systemd.end_group, process)
        return process


def answers(port: int) -> None:
    """Wait until somebody answers there."""
    until(lambda: healthy(port), within_s=BOOT_WITHIN_S, what=f"an answer on port {port}")


def healthy(port: int) -> bool:
    with suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    time.sleep(LOOK_EVERY_S)
    return False


def program_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").rpartition(b"\0")[2].decode()
    return ""
