"""Web processes in groups of their own at one Postgres, as on machines of their own: python -m benchmarks.groups.

Each group is a `receiver web` with a port of its own, loaded by a wrk of its own at the same time as the others.
On one machine they share its processors, with the server and with the load.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.processes import free_port, is_healthy, started, until

from . import load
from .contenders import PATH, SECRET
from .load import Result
from .places import DISK, postgres_server

WARM_UP_S = 1


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.groups", description=__doc__)
    parser.add_argument("--groups", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--connections", type=int, default=32, help="in all")
    options = parser.parse_args()
    load.require_wrk()
    DISK.mkdir(parents=True, exist_ok=True)
    found: dict[int, list[Sequence[Result]]] = {groups: [] for groups in options.groups}
    for _ in range(options.rounds):
        for groups in options.groups:
            found[groups].append(one_round(groups, options.connections // groups, options.seconds))
    for groups, rounds in found.items():
        acks = statistics.median(sum(result.acks_per_s for result in results) for results in rounds)
        p99 = statistics.median(max(result.p99_ms for result in results) for results in rounds)
        failed = sum(result.failed for results in rounds for result in results)
        print(f"{groups} groups: {acks:.0f} acks/s together, p99 {p99:.1f} ms in the slowest, {failed} failed")


def one_round(groups: int, connections: int, seconds: int) -> Sequence[Result]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=DISK, prefix="groups-")))
        url = stack.enter_context(postgres_server(os.environ))
        ports = [stack.enter_context(group(url, folder / str(number))) for number in range(groups)]
        with ThreadPoolExecutor(groups) as pool:
            fire(pool, ports, folder, connections, WARM_UP_S)
            return fire(pool, ports, folder, connections, seconds)


def fire(pool: ThreadPoolExecutor, ports: list[int], folder: Path, connections: int, seconds: int) -> list[Result]:
    together = threading.Barrier(len(ports))

    def one(port: int) -> Result:
        files = folder / f"load-{port}"
        load.prepare(files, SECRET, seconds)
        together.wait()
        return load.fire(f"http://127.0.0.1:{port}{PATH}", files, connections=connections, seconds=seconds)

    return list(pool.map(one, ports))


@contextlib.contextmanager
def group(url: str, folder: Path):
    port = free_port()
    folder.mkdir()
    env = {"DATABASE_URL": url, "DATA_DIR": str(folder), "PORT": str(port), "INBOUNDFLOW_SIGNING_SECRET": SECRET}
    with (
        open(folder / "output", "w") as output,
        started("-m", "receiver", "web", env=env, stdout=output, stderr=output) as process,
    ):
        until(lambda: is_healthy(port), within_s=60, what="the first answer")
        yield port
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    sys.exit(main())
