"""The ways of deploying: how each starts the receiver, and what a deploy does to it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from receiver.up.supervisor import HEALTHY_AFTER_S
from tests.support import systemd
from tests.support.processes import CHECKOUT, children_of, free_port, is_alive, until, words_of

from .caddy import RETRIES_POSTS, Caddy, version
from .place import Place, answers
from .router import Router

GRACE_S = 30  # what Heroku and most others leave between SIGTERM and SIGKILL
REST_S = 1.0  # of ordinary traffic between two deploys
CADDY = f"Caddy {'.'.join(map(str, version()))}"


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
        for program in ("web", "worker"):
            pid = next(pid for pid in children_of(up.pid) if words_of(pid)[-1:] == [program])
            os.kill(pid, signal.SIGTERM)
            until(lambda pid=pid: not is_alive(pid), within_s=GRACE_S, what="its end")
            answers(port)  # the web process first, and the worker when it is there: they would share the processor

    return port, deploy


def two_behind_caddy(place: Place) -> tuple[int, Callable[[], None]]:
    ports = [free_port(), free_port()]
    running = [place.start("web", port) for port in ports]
    front = before(place, ports)

    def deploy() -> None:
        """Where Caddy cannot try again by itself, it is told before each of them stops, and when it answers again."""
        for n, port in enumerate(ports):
            if version() < RETRIES_POSTS:
                front.reload([other for other in ports if other != port])
            systemd.stop(running[n])
            running[n] = place.start("web", port)
            answers(port)
            if version() < RETRIES_POSTS:
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
        rest_s=HEALTHY_AFTER_S + 1,  # `up` waits longer before it restarts a process that ended sooner
    ),
    Kind(
        name="rolling", what=f"two web processes behind {CADDY}, one after the other",
        promises_none=version() >= RETRIES_POSTS, ready=two_behind_caddy, program="caddy",
    ),
    Kind(
        name="procfile", what="a Procfile's processes behind a router that queues", promises_none=True, ready=procfile
    ),
    Kind(
        name="caddy", what=f"one web process behind {CADDY}, stopped, then started",
        promises_none=version() >= RETRIES_POSTS, ready=one_behind_caddy, program="caddy",
    ),
    Kind(name="bare", what="one web process, stopped, then started", promises_none=False, ready=stop_then_start),
)  # fmt: skip


def missing(kind: Kind) -> str:
    return kind.program if kind.program and not shutil.which(kind.program) else ""
