"""Acknowledgements per second and their latency, in rounds that alternate between ours and what else people use."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from . import load
from .contenders import SECRET, Contender, contenders, missing
from .load import Result
from .places import fsync_ms, running

WARM_UP_S = 2
HEAD = [
    "| receiver | durability | acks/s | p50 ms | p99 ms | max ms | failed | ours: acks/s | ours: p99 |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
]
Rounds = dict[str, list[Result]]


def main() -> None:
    options = arguments()
    load.require_wrk()
    candidates = [c for c in contenders() if not options.only or c.name in options.only]
    reasons = {contender.name: missing(contender) for contender in candidates}
    able = [contender for contender in candidates if not reasons[contender.name]]
    disks = {slow_ms: alternate(able, slow_ms, options) for slow_ms in options.slow_fsync_ms}
    if options.json:
        print(json.dumps(as_json(disks, options), indent=1))
    else:
        for slow_ms, rounds in disks.items():
            print("\n".join(report(candidates, reasons, rounds, slow_ms, options)), end="\n\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8, help="of load at each receiver in each round")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument(
        "--slow-fsync-ms", nargs="*", type=float, default=[0, 2], metavar="MS",
        help="by how much each fsync is made longer, one table for each (default: 0 2; needs a C compiler)",
    )  # fmt: skip
    names = ", ".join(contender.name for contender in contenders())
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help=f"of: {names}")
    parser.add_argument("--json", action="store_true", help="every round's figures, for benchmarks.chart")
    return parser.parse_args()


def alternate(able: Sequence[Contender], slow_ms: float, options: argparse.Namespace) -> Rounds:
    rounds: Rounds = {contender.name: [] for contender in able}
    for number in range(options.rounds):
        for contender in able:
            result = one_round(contender, options.connections, options.seconds, slow_ms)
            rounds[contender.name].append(result)
            line = f"round {number + 1}: {contender.name}: {result.acks_per_s:.0f} acks/s, p99 {result.p99_ms:.1f} ms"
            print(line + (f", fsync {slow_ms:g} ms slower" if slow_ms else ""), file=sys.stderr)
    return rounds


def one_round(contender: Contender, connections: int, seconds: int, slow_ms: float) -> Result:
    """A fresh database, a warm-up, the load, and a count of what was stored."""
    with running(contender, slow_fsync_ms=slow_ms) as place:
        url, files = f"http://127.0.0.1:{place.port}{contender.path}", place.folder / "load"
        load.prepare(files, SECRET, WARM_UP_S, signs_time=contender.signs_time)
        warm = load.fire(url, files, connections=connections, seconds=WARM_UP_S)
        load.prepare(files, SECRET, seconds, signs_time=contender.signs_time)
        result = load.fire(url, files, connections=connections, seconds=seconds)
        stored = contender.stored(place.folder, place.postgres_url)
    # wrk leaves up to one request on each connection under way at the end of each load: stored, and not counted.
    if contender.database and not 0 <= stored - warm.acks - result.acks <= 2 * connections:
        raise RuntimeError(f"{contender.name} acknowledged {warm.acks + result.acks} and stored {stored}")
    return replace(result, stored=stored)


def machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"


def as_json(disks: dict[float, Rounds], options: argparse.Namespace) -> dict[str, object]:
    by_disk = {
        f"{slow_ms:g}": {name: [asdict(result) for result in results] for name, results in rounds.items()}
        for slow_ms, rounds in disks.items()
    }
    return {"machine": machine(), "connections": options.connections, "seconds": options.seconds, "disks": by_disk}


def report(
    candidates: Sequence[Contender],
    reasons: dict[str, str],
    rounds: Rounds,
    slow_ms: float,
    options: argparse.Namespace,
) -> list[str]:
    lines = [
        f"{options.rounds} alternating rounds of {options.seconds} s, {options.connections} connections, by wrk; "
        f"{machine()}, fsync {fsync_ms():.2f} ms" + (f" and {slow_ms:g} ms more" if slow_ms else "") + ". "
        "Medians; ratios are of the same round, median (least to most).",
        "",
        *HEAD,
    ]
    for contender in candidates:
        results = rounds.get(contender.name)
        why = f"| {contender.name} | {reasons[contender.name]} |"
        lines.append(row(contender, results, rounds.get("ours", [])) if results else why)
    return lines


def row(contender: Contender, results: list[Result], ours: list[Result]) -> str:
    def median(figure: Callable[[Result], float]) -> str:
        return f"{statistics.median(map(figure, results)):.1f}"

    def ratio(figure: Callable[[Result], float]) -> str:
        if not ours:
            return ""
        ratios = [figure(baseline) / figure(other) for baseline, other in zip(ours, results, strict=True)]
        return f"{statistics.median(ratios):.2f}× ({min(ratios):.2f} to {max(ratios):.2f})"

    cells = [
        contender.name, contender.durability, f"{statistics.median(r.acks_per_s for r in results):.0f}",
        median(lambda r: r.p50_ms), median(lambda r: r.p99_ms), median(lambda r: r.max_ms),
        str(sum(r.failed for r in results)), ratio(lambda r: r.acks_per_s), ratio(lambda r: r.p99_ms),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
