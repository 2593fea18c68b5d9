"""Where a round takes place: a folder on a disk, fast or slow, with the servers that a contender needs."""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support import postgres
from tests.support.processes import free_port, get, kill_group, listens, redis_program, until

from .contenders import CHECKOUT, SECRET, Contender, hooks

DISK = CHECKOUT / "var" / "benchmarks"
SHIM = Path(__file__).with_name("slow_disk.c")
SHIM_VARIABLES = ("LD_PRELOAD", "SLOW_FSYNC_MS")


@dataclass(frozen=True, kw_only=True)
class Place:
    port: int
    folder: Path
    postgres_url: str = ""
    redis_url: str = ""
    pid: int = 0  # of the contender's first process


@contextlib.contextmanager
def running(contender: Contender, *, slow_fsync_ms: float = 0) -> Iterator[Place]:
    """Start it on a free port in a fresh folder; end it and all of its processes afterwards."""
    DISK.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=DISK, prefix="round-")))
        env = {**os.environ, **slow_disk(slow_fsync_ms)}
        postgres_url, redis_url = stack.enter_context(servers(contender, folder, env))
        place = Place(port=free_port(), folder=folder, postgres_url=postgres_url, redis_url=redis_url)
        yield replace(place, pid=stack.enter_context(process(contender, place, env)))


@contextlib.contextmanager
def servers(contender: Contender, folder: Path, env: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The addresses of Postgres and of Redis where they are needed, each named in `env` too."""
    with contextlib.ExitStack() as stack:
        redis_url = f"redis://127.0.0.1:{stack.enter_context(redis(folder))}" if "redis" in contender.needs else ""
        postgres_url = stack.enter_context(postgres_server(env)) if "postgres" in contender.needs else ""
        env |= {name: url for name, url in (("REDIS_URL", redis_url), ("DATABASE_URL", postgres_url)) if url}
        yield postgres_url, redis_url


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[int]:
    port = free_port()
    server = subprocess.Popen(
        [str(redis_program()), "--port", str(port), "--save", "", "--loglevel", "warning"],
        cwd=folder, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: listens(port), what="Redis")
        yield port
    finally:
        server.kill()
        server.wait()


@contextlib.contextmanager
def postgres_server(env: Mapping[str, str]) -> Iterator[str]:
    """The address of a database with our tables, on a server whose disk is the contender's."""
    with preloading(env):
        server = postgres.Server()
    try:
        url = str(server.new_database())
        command = [sys.executable, "-m", "receiver", "migrate"]
        subprocess.run(command, cwd=CHECKOUT, env={**env, "DATABASE_URL": url}, check=True, capture_output=True)
        yield url
    finally:
        server.close()


@contextlib.contextmanager
def preloading(env: Mapping[str, str]) -> Iterator[None]:
    """The server of the tests takes this process's variables."""
    ours = dict(os.environ)
    os.environ.update({name: env[name] for name in SHIM_VARIABLES if name in env})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(ours)


@contextlib.contextmanager
def process(contender: Contender, place: Place, env: Mapping[str, str]) -> Iterator[int]:
    folder = place.folder
    (folder / "hooks.json").write_text(hooks())
    command = [part.replace("@PORT@", str(place.port)).replace("@FOLDER@", str(folder)) for part in contender.command]
    variables = {
        **env, "PORT": str(place.port), "DATA_DIR": str(folder), "DATABASE": str(folder / "plain.db"),
        "INBOUNDFLOW_SIGNING_SECRET": SECRET, **contender.env,
    }  # fmt: skip
    with open(folder / "output", "w") as output:
        started = subprocess.Popen(
            command, cwd=contender.cwd, env=variables, stdout=output, stderr=output, start_new_session=True
        )
    try:
        until(
            lambda: started.poll() is not None or (contender.serves or answers)(place.port),
            within_s=contender.starts_within_s, what=f"{contender.name} on {place.port}",
        )  # fmt: skip
        if started.poll() is not None:
            raise RuntimeError(f"{contender.name} has ended: {(folder / 'output').read_text()[-2000:]}")
        time.sleep(1)  # for the others of its processes
        yield started.pid
    finally:
        started.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(12)
        kill_group(started.pid)
        started.wait()


def answers(port: int) -> bool:
    """Whatever it says: a socket listens before the process behind it has started."""
    return get(port, "/healthz")[0] > 0


def slow_disk(fsync_ms: float) -> dict[str, str]:
    """The variables that make each fsync of a process, and of those that it starts, take so much longer."""
    if not fsync_ms:
        return {}
    library = Path(tempfile.gettempdir()) / "receiver-benchmarks-slow-disk.so"  # where Postgres's user may read it
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, SHIM, "-ldl"], check=True)
    library.chmod(0o755)
    return dict(zip(SHIM_VARIABLES, (str(library), str(fsync_ms)), strict=True))


def fsync_ms() -> float:
    """The median of writing and syncing 4 KiB on the disk that the databases are on, without the shim."""
    DISK.mkdir(parents=True, exist_ok=True)
    took = []
    with tempfile.TemporaryFile(dir=DISK) as file:
        for _ in range(50):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000
