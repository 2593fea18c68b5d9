"""The ways of deploying: how each starts the receiver, and what a deploy does to it."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from receiver.up.supervisor import HEALTHY_AFTER_S
from tests import systemd
from tests.processes import CHECKOUT, children_of, free_port, until

from .caddy import RETRIES_POSTS, Caddy, version
from .router import Router

BOOT_WITHIN_S = 60
GRACE_S = 30  # what Heroku and most others leave between SIGTERM and SIGKILL
LOOK_EVERY_S = 0.05
REST_S = 1.0  # of ordinary traffic between two deploys


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


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A way of deploying. `ready` starts all of it; it returns the port to send to, and what a deploy is."""

    name: str
    what: str
    promises_none: bool  # whether no delivery may fail
    ready: Callable[[Place], tuple[int, Callable[[], None]]]
    rest_s: float = REST_S
    program: str = ""  # that it needs besides


def socket_activation(place: Place) -> tuple[int, Callable[[], None]]:
    port = free_port()
    listener = systemd.bound(port)
    place.ends.callback(listener.close)
    command = [sys.executable, "-m", "receiver", "web"]

    def web() -> subprocess.Popen[bytes]:
        options = {"cwd": CHECKOUT, "stdout": place.log, "stderr": place.log}
        process = place.kept(systemd.activated(command, listener, place.env, **options))
        answers(port)
        return process

    running = [web(), place.start("worker")]

    def deploy() -> None:
        for process in running:
            systemd.stop(process)
        running[:] = [web(), place.start("worker")]

    return port, deploy


def under_up(place: Place) -> tuple[int, Callable[[], None]]:
    port = free_port()
    up = place.start("up", port)
    answers(port)

    def deploy() -> None:
        for pid in children_of(up.pid):
            if program_of(pid) in ("web", "worker"):
                os.kill(pid, signal.SIGTERM)
                until(lambda pid=pid: not os.path.exists(f"/proc/{pid}"), within_s=GRACE_S, what="its end")
        answers(port)

    return port, deploy


def two_behind_caddy(place: Place) -> tuple[int, Callable[[], None]]:
    ports = [free_port(), free_port()]
    running = [place.start("web", port) for port in ports]
    front = before(place, ports)

    def deploy() -> None:
        """Caddy is told before each of them stops, and after it answers again."""
        for n, one in enumerate(ports):
            front.reload([port for port in ports if port != one])
            systemd.stop(running[n])
            running[n] = place.start("web", one)
            answers(one)
            front.reload(ports)

    return front.port, deploy


def one_behind_caddy(place: Place) -> tuple[int, Callable[[], None]]:
    behind, deploy = stop_then_start(place)
    return before(place, [behind]).port, deploy


def procfile(place: Place) -> tuple[int, Callable[[], None]]:
    router = Router()
    place.ends.callback(router.close)
    running: list[subprocess.Popen[bytes]] = []

    def boot() -> None:
        port = free_port()
        running[:] = [place.start("web", port), place.start("worker")]
        answers(port)
        router.target = port

    def deploy() -> None:
        """SIGTERM to every process of the old dynos, and new ones at once."""
        router.target = 0
        old = list(running)
        for process in old:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        boot()
        for process in old:
            process.wait(GRACE_S)

    boot()
    return router.port, deploy


def stop_then_start(place: Place) -> tuple[int, Callable[[], None]]:
    port = free_port()
    running = [place.start("web", port)]
    answers(port)

    def deploy() -> None:
        systemd.stop(running[0])
        running[0] = place.start("web", port)
        answers(port)

    return port, deploy


def before(place: Place, ports: Sequence[int]) -> Caddy:
    front = Caddy(place.directory, free_port(), place.env)
    front.lead_to(ports)
    place.kept(place.run(front.command(), front.env))
    for port in (*ports, front.port):
        answers(port)
    return front


KINDS = (
    Kind(
        name="socket", what="systemd's socket, web and worker restarted", promises_none=True, ready=socket_activation
    ),
    Kind(
        name="up", what="`receiver up`, its web and worker restarted", promises_none=True, ready=under_up,
        rest_s=HEALTHY_AFTER_S + 1,  # what dies younger is given longer rests
    ),
    Kind(
        name="rolling", what="two web processes behind Caddy, which is told of each", promises_none=True,
        ready=two_behind_caddy, program="caddy",
    ),
    Kind(
        name="procfile", what="a Procfile's processes behind a router that queues", promises_none=True, ready=procfile
    ),
    Kind(
        name="caddy", what=f"one web process behind Caddy {'.'.join(map(str, version()))}, stopped, then started",
        promises_none=version() >= RETRIES_POSTS, ready=one_behind_caddy, program="caddy",
    ),
    Kind(name="bare", what="one web process, stopped, then started", promises_none=False, ready=stop_then_start),
)  # fmt: skip


def missing(kind: Kind) -> str:
    return kind.program if kind.program and not shutil.which(kind.program) else ""


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
