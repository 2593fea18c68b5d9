"""Acknowledgements per second and their latency, in rounds that alternate between the receivers."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from . import load
from .load import Result
from .receivers import SECRET, Receiver, receivers, running

WARM_UP_S = 2
DISK = Path(__file__).resolve().parent.parent / "var" / "benchmarks"


def main() -> int:
    options = arguments()
    if not shutil.which("wrk"):
        print("The load comes from wrk, which is not installed (Debian and Ubuntu: apt install wrk).", file=sys.stderr)
        return 2
    DISK.mkdir(parents=True, exist_ok=True)
    candidates = [r for r in receivers() if not options.only or r.name.split(",")[0].split(" ")[0] in options.only]
    able = [receiver for receiver in candidates if not receiver.missing]
    rounds: dict[str, list[Result]] = {receiver.name: [] for receiver in able}
    for number in range(options.rounds):
        for receiver in able:
            result = one_round(receiver, options.connections, options.seconds)
            rounds[receiver.name].append(result)
            line = f"round {number + 1}: {receiver.name}: {result.acks_per_s:.0f} acks/s, p99 {result.p99_ms:.1f} ms"
            print(line, file=sys.stderr)
    if options.json:
        print(json.dumps({name: [asdict(result) for result in results] for name, results in rounds.items()}))
    else:
        print(report(candidates, rounds, options))
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8, help="of load at each receiver in each round")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument(
        "--only", nargs="*", default=[], metavar="NAME", help="first words of names: ours plain Express"
    )
    parser.add_argument("--json", action="store_true", help="every round's figures")
    return parser.parse_args()


def one_round(receiver: Receiver, connections: int, seconds: int) -> Result:
    """A fresh database, a warm-up, the load, and a count of what was stored."""
    with tempfile.TemporaryDirectory(dir=DISK, prefix="round-") as name:
        directory = Path(name)
        files = directory / "load"
        with running(receiver, directory, os.environ) as port:
            load.prepare(files, SECRET, WARM_UP_S)
            warm = load.fire(port, files, connections=connections, seconds=WARM_UP_S)
            load.prepare(files, SECRET, seconds)
            result = load.fire(port, files, connections=connections, seconds=seconds)
        stored = receiver.stored(directory)
    # wrk leaves up to one request on each connection under way at the end of each load: stored, and not counted.
    if receiver.database and not 0 <= stored - warm.acks - result.acks <= 2 * connections:
        raise RuntimeError(f"{receiver.name} acknowledged {warm.acks + result.acks} and stored {stored}")
    return replace(result, stored=stored)


def report(candidates: list[Receiver], rounds: dict[str, list[Result]], options: argparse.Namespace) -> str:
    lines = [
        f"{options.rounds} alternating rounds of {options.seconds} s, {options.connections} connections, by wrk; "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"fsync {fsync_ms():.2f} ms. Medians; ratios are of the same round, median (least to most).",
        "",
        "| receiver | durability | acks/s | p50 ms | p99 ms | max ms | failed | ours: acks/s | ours: p99 |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for receiver in candidates:
        results = rounds.get(receiver.name)
        lines.append(
            f"| {receiver.name} | {receiver.missing} |" if not results else row(receiver, results, rounds["ours"])
        )
    return "\n".join(lines)


def row(receiver: Receiver, results: list[Result], ours: list[Result]) -> str:
    def median(figure: Callable[[Result], float]) -> str:
        return f"{statistics.median(map(figure, results)):.1f}"

    def ratio(figure: Callable[[Result], float]) -> str:
        ratios = [figure(baseline) / figure(other) for baseline, other in zip(ours, results, strict=True)]
        return f"{statistics.median(ratios):.2f}× ({min(ratios):.2f} to {max(ratios):.2f})"

    cells = [
        receiver.name, receiver.durability, f"{statistics.median(r.acks_per_s for r in results):.0f}",
        median(lambda r: r.p50_ms), median(lambda r: r.p99_ms), median(lambda r: r.max_ms),
        str(sum(r.failed for r in results)), ratio(lambda r: r.acks_per_s), ratio(lambda r: r.p99_ms),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def fsync_ms() -> float:
    """The median of writing and syncing 4 KiB on the disk that the databases are on."""
    took = []
    with tempfile.TemporaryFile(dir=DISK) as file:
        for _ in range(50):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


sys.exit(main())
