"""A million deliveries to one `receiver up`: the slowest answer of all, and its memory on the way.

As many connections as in `python -m benchmarks`, in a closed loop, in pieces of some seconds. Memory is the
proportional share (PSS) of all its processes, once the worker has handled what had come. Run: python -m benchmarks.many
"""

from __future__ import annotations

import argparse
import contextlib
import sqlite3
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from receiver.inbox.states import OPEN
from tests.support.processes import is_ready, until

from . import load
from .contenders import SECRET, ours
from .memory import family, pss_mib
from .places import Place, running

MARKS = (0, 10_000, 100_000, 1_000_000)
PIECE_S = 5
SETTLE_S = 5  # until the processes have freed what only their start, or the load, needed
WAITING = (
    f"SELECT EXISTS (SELECT 1 FROM deliveries WHERE dispatched_us IS NULL) OR EXISTS (SELECT 1 FROM runs WHERE {OPEN})"
)
HEAD = (
    "| deliveries | failed | slowest answer so far | memory | times that at rest |\n"
    "| ---: | ---: | ---: | ---: | ---: |"
)


@dataclass(kw_only=True)
class Seen:
    acks: int = 0
    failed: int = 0
    max_ms: float = 0


def main() -> None:
    options = arguments()
    load.require_wrk()
    contender, seen = ours()[0], Seen()
    print(HEAD)
    with running(contender) as place:
        until(lambda: is_ready(place.port), within_s=60, what="the receiver and its worker")
        idle_mib = 0.0
        for mark in options.marks:
            send(f"http://127.0.0.1:{place.port}{contender.path}", place.folder / "load", seen, mark, options)
            mib = memory(place)
            idle_mib = idle_mib or mib
            cells = f"{seen.acks:,}", seen.failed, f"{seen.max_ms:.0f} ms", f"{mib:.0f} MiB", f"{mib / idle_mib:.2f}"
            print(f"| {' | '.join(map(str, cells))} |", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many", description=__doc__)
    parser.add_argument("--marks", type=int, nargs="*", default=MARKS, help="deliveries after which memory is read")
    parser.add_argument("--connections", type=int, default=32)
    return parser.parse_args()


def send(url: str, files: Path, seen: Seen, mark: int, options: argparse.Namespace) -> None:
    """Until so many have been acknowledged in all."""
    while seen.acks < mark:
        load.prepare(files, SECRET, PIECE_S)
        result = load.fire(url, files, connections=options.connections, seconds=PIECE_S)
        seen.acks += result.acks
        seen.failed += result.failed
        seen.max_ms = max(seen.max_ms, result.max_ms)


def memory(place: Place) -> float:
    """In MiB."""
    with contextlib.closing(sqlite3.connect(place.folder / "inbox.db", timeout=30)) as db:
        until(lambda: db.execute(WAITING).fetchone() == (0,), within_s=3600, what="the end of all runs")
    time.sleep(SETTLE_S)
    return sum(map(pss_mib, family(place.pid)))


if __name__ == "__main__":
    sys.exit(main())
