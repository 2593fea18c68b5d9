"""Processor time per delivery, of two or more checkouts in turn: python -m benchmarks.cpu BEFORE AFTER

What a rate says on a machine that others use too is what they left. The processor time (user and system, by /proc)
that a receiver's own processes take for a delivery moves far less, and in rounds that alternate it can be compared.
With `--up` the worker handles each delivery meanwhile, and its time counts until the last one is handled.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from tests.support.processes import children_of, is_healthy, processes_with, until, words_of

from . import load
from .contenders import SECRET, Contender, ours
from .places import Place, running

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
WARM_UP_S = 1
LOOK_EVERY_S = 0.3
SETTLED = """
SELECT NOT EXISTS (SELECT 1 FROM deliveries WHERE dispatched_us IS NULL)
   AND NOT EXISTS (SELECT 1 FROM runs WHERE state IN ('pending', 'queued', 'running', 'retrying'))
"""


@dataclass(frozen=True, kw_only=True)
class Round:
    """Microseconds of a processor for each delivery, by the kind of process."""

    us: Counter[str]
    result: load.Result


def main() -> None:
    options = arguments()
    load.require_wrk()
    rounds: dict[Path, list[Round]] = {checkout: [] for checkout in options.checkouts}
    for number in range(options.rounds):
        for checkout in options.checkouts if number % 2 == 0 else reversed(options.checkouts):
            rounds[checkout].append(one_round(checkout, options))
            each = rounds[checkout][-1]
            print(f"{checkout.name}: {line(each.us)}; {each.result.acks_per_s:.0f} acks/s", file=sys.stderr)
    print(report(rounds))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cpu", description=__doc__)
    parser.add_argument(
        "checkouts", type=Path, nargs="+", help="folders with the receiver's code, the first to compare to"
    )
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=4, help="of load in each round")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--up", action="store_true", help="with the worker, instead of the web process alone")
    options = parser.parse_args()
    options.checkouts = [checkout.resolve() for checkout in options.checkouts]
    return options


def one_round(checkout: Path, options: argparse.Namespace) -> Round:
    contender = replace(next(c for c in ours() if c.command[-1] == ("up" if options.up else "web")), cwd=checkout)
    with running(contender) as place:
        until(lambda: is_healthy(place.port), within_s=60, what="the first answer")
        fire(contender, place, options.connections, WARM_UP_S)
        settle(place, options)
        before, stored = times(place), count(place)
        result = fire(contender, place, options.connections, options.seconds)
        settle(place, options)
        used = times(place)
        used.subtract(before)
        stored = count(place) - stored
    return Round(us=Counter({kind: s / stored * 1e6 for kind, s in used.items()}), result=result)


def fire(contender: Contender, place: Place, connections: int, seconds: int) -> load.Result:
    files = place.folder / "load"
    load.prepare(files, SECRET, seconds)
    return load.fire(f"http://127.0.0.1:{place.port}{contender.path}", files, connections=connections, seconds=seconds)


def settle(place: Place, options: argparse.Namespace) -> None:
    """Wait until what was received is handled, where there is a worker."""
    if options.up:
        until(lambda: is_settled(place), within_s=300, what="the end of the last run")


def is_settled(place: Place) -> bool:
    time.sleep(LOOK_EVERY_S)  # so that the looking costs the receiver nothing
    return bool(ask(place, SETTLED))


def count(place: Place) -> int:
    return ask(place, "SELECT count(*) FROM deliveries")


def ask(place: Place, sql: str) -> int:
    with contextlib.closing(sqlite3.connect(place.folder / "inbox.db")) as db:
        return int(db.execute(sql).fetchone()[0])


def times(place: Place) -> Counter[str]:
    """Processor seconds so far, by the kind of process: those that have this round's folder in their environment."""
    seconds: Counter[str] = Counter()
    for pid in sorted(processes_with(str(place.folder))):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            seconds[kind_of(pid, int(fields[1]))] += (int(fields[11]) + int(fields[12])) / TICKS_PER_S
    return seconds


def kind_of(pid: int, parent: int) -> str:
    """The worker starts its dispatcher first, then the chores, then a process for each handler."""
    program, siblings = words_of(pid), children_of(parent)
    if "redis" in program[0]:
        return "redis"
    if program[-1] == "worker" and words_of(parent)[-1] == "worker":
        return ("dispatcher", "chores", "handler")[min(siblings.index(pid), 2)]
    return program[-1]


def report(rounds: dict[Path, list[Round]]) -> str:
    """The least of all rounds, as neighbours only ever add to it; rates are medians."""
    base, *_ = rounds.values()
    lines = [
        "| checkout | us of a processor for a delivery | all | of the first's | acks/s | of the first's |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for checkout, results in rounds.items():
        by_kind = {kind: min(each.us[kind] for each in results) for kind in results[0].us}
        ratio = least(results) / least(base)
        rate = median([each.result.acks_per_s for each in results])
        faster = median([a.result.acks_per_s / b.result.acks_per_s for a, b in zip(results, base, strict=True)])
        cost = f"{least(results):.0f} | {ratio:.2f}"
        lines.append(f"| {checkout.name} | {line(by_kind)} | {cost} | {rate:.0f} | {faster:.2f} |")
    return "\n".join(lines)


def least(results: Sequence[Round]) -> float:
    return min(each.us.total() for each in results)


def line(us: Mapping[str, float]) -> str:
    return ", ".join(f"{kind} {cost:.0f}" for kind, cost in sorted(us.items()) if cost >= 1)


if __name__ == "__main__":
    main()
