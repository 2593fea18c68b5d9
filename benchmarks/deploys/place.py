"""Where one receiver runs for a while, and how to see that it does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.support import systemd
from tests.support.processes import CHECKOUT, is_healthy, until

BOOT_WITHIN_S = 60


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
    until(lambda: is_healthy(port), within_s=BOOT_WITHIN_S, what=f"an answer on port {port}")
