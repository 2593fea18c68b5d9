"""Kills the receiver at every step of a delivery's path, lets it recover, and counts on both sides.

A round is one fault: deliveries are sent, something is killed (kill -9) while one of them stands at a known point,
and when all is quiet again each acknowledged delivery is looked for in the inbox and at each destination.
"""

from __future__ import annotations

import argparse
import json
import queue
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from tests.support import postgres

from .faults import FAULTS, HOLE, Fault
from .system import Round, System

DIRECTORY = Path(__file__).resolve().parent.parent.parent / "var" / "crash_matrix"
DESTINATIONS = {
    "slack": "Slack",
    "sheets": "Sheets",
    "hubspot": "HubSpot",
    "forward": "forward",
    "matrix": "the matrix's own",
}


def main() -> int:
    options = arguments()
    if options.tables:
        print(report([round for path in options.tables for round in earlier(path)], options))
        return 0
    faults = [f for f in FAULTS if named(f, options.only) and f.database in ("", options.database)]
    tasks = [faults[number % len(faults)] for number in range(options.rounds)] if faults else []
    tasks += [HOLE] * options.hole
    began = time.monotonic()
    rounds = run(tasks, options)
    if options.json:
        print(json.dumps([asdict(round) | {"label": round.fault.label} for round in rounds]))
    else:
        print(report(rounds, options, f" in {(time.monotonic() - began) / 60:.0f} min"))
    return int(any(is_bad(round) for round in rounds))


def earlier(path: Path) -> Iterator[Round]:
    """The rounds that `--json` printed into a file."""
    faults = {fault.label: fault for fault in [*FAULTS, HOLE]}
    for said in json.loads(path.read_text()):
        label = said.pop("label")
        yield Round(**said | {"fault": faults[label]})


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash_matrix", description=__doc__)
    parser.add_argument("--rounds", type=int, default=len(FAULTS), help="faults in all (default: each once)")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--lanes", type=int, default=6, help="receivers that run at the same time")
    parser.add_argument(
        "--only",
        nargs="*",
        default=[],
        metavar="WORD",
        help="these faults, by a part of their names such as slack.done, clock, odd:hang or any-time:redis",
    )
    parser.add_argument("--hole", type=int, default=0, help="rounds with a worker frozen past its lease, at the end")
    parser.add_argument("--bug", default="", help="seed a mistake (see points/sitecustomize.py): the matrix must fail")
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="where the receivers keep their files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="every round's figures")
    parser.add_argument(
        "--tables",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help="run nothing: the tables of what --json printed",
    )
    return parser.parse_args()


def named(fault: Fault, words: Sequence[str]) -> bool:
    return not words or any(word in fault.label for word in words)


def run(tasks: Sequence[Fault], options: argparse.Namespace) -> list[Round]:
    """Every task once, on several receivers side by side, as most of a round is waiting."""
    waiting: queue.SimpleQueue[Fault] = queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)
    server = postgres.Server(max_connections=30 * options.lanes) if options.database == "postgres" else None
    rounds: list[Round] = []
    lanes = [
        threading.Thread(target=lane, args=(number, waiting, rounds, server, options))
        for number in range(min(options.lanes, len(tasks)))
    ]
    for thread in lanes:
        thread.start()
    for thread in lanes:
        thread.join()
    if server:
        server.close()
    return rounds


def lane(
    number: int,
    waiting: queue.SimpleQueue[Fault],
    rounds: list[Round],
    server: postgres.Server | None,
    options: argparse.Namespace,
) -> None:
    """One receiver, and one round after another on it. Every third has Slack by an incoming webhook."""
    url = server.new_database() if server else ""
    directory = options.directory / f"lane-{number}"
    seed = options.seed * 1000 + number
    with System(directory, database_url=url, webhook=number % 3 == 2, bug=options.bug, seed=seed) as system:
        while True:
            try:
                fault = waiting.get_nowait()
            except queue.Empty:
                return
            round = system.round(fault)
            rounds.append(round)
            print(progress_line(len(rounds), number, round), file=sys.stderr, flush=True)
            if is_bad(round):
                print(f"  see {directory}/log", file=sys.stderr, flush=True)


def progress_line(number: int, lane: int, round: Round) -> str:
    where = round.fault.label
    counts = f"{round.acked} of {round.sent} acknowledged, {round.lost} lost, {sum(round.doubled.values())} doubled"
    return f"round {number} (lane {lane}): {where}: {counts}, {round.recovery_s:.1f} s {round.trouble}".rstrip()


def is_bad(round: Round) -> bool:
    return bool(round.lost or round.trouble or (round.fault.counts and any(round.doubled.values())))


def report(rounds: Sequence[Round], options: argparse.Namespace, took: str = "") -> str:
    heads = ("fault", "killed", "rounds", "acked", "refused", "lost", "doubled", "forward, raw repeats",
             "Slack webhook, repeats", "slowest recovery")  # fmt: skip
    rows = [heads, ("---", "---", *["---:"] * (len(heads) - 2))]
    for fault in [*FAULTS, HOLE]:
        if of_it := [round for round in rounds if round.fault == fault]:
            rows.append((fault.name, fault.victim, *figures(of_it)))
    counting = [round for round in rounds if round.fault.counts]
    rows.append(("**all but the frozen worker**" if len(counting) < len(rounds) else "**all**", "", *figures(counting)))
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    asked = ("slack", "sheets", "hubspot", "forward", "matrix")
    by_place = ", ".join(
        f"{DESTINATIONS[name]} {sum(round.doubled.get(name, 0) for round in counting)}" for name in asked
    )
    return (
        f"{table}\n\n{beside(rounds)}{len(rounds)} rounds on {options.database}{took}, "
        f"{options.lanes} receivers side by side. Doubled by destination: {by_place} "
        "(Slack by bot token; forward by delivery id and bytes)."
    )


def beside(rounds: Sequence[Round]) -> str:
    """How long good deliveries took, from acknowledgement to effect, beside those on which a handler ended badly."""
    heads = ("beside a handler that", "another handler: median", "worst", "the same handler: median", "worst")
    rows = [heads, ("---", *["---:"] * (len(heads) - 1))]
    for fault in FAULTS:
        of_it = [round for round in rounds if round.fault == fault and round.beside_s]
        if of_it:
            what = fault.name.removeprefix("a handler ").removesuffix(" on one delivery")
            rows.append((what, *spread(of_it, "another"), *spread(of_it, "same")))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n\n" if len(rows) > 2 else ""


def spread(rounds: Iterable[Round], which: str) -> tuple[str, str]:
    times_s = [took_s for round in rounds for took_s in round.beside_s[which]]
    return (f"{median(times_s):.2f} s", f"{max(times_s):.1f} s") if times_s else ("–", "–")


def figures(rounds: Iterable[Round]) -> tuple[str, ...]:
    rounds = list(rounds)
    repeats: Counter[str] = Counter()
    for round in rounds:
        repeats.update(round.repeats)
    return (
        str(len(rounds)), str(sum(round.acked for round in rounds)), str(sum(round.refused for round in rounds)),
        str(sum(round.lost for round in rounds)), str(sum(sum(round.doubled.values()) for round in rounds)),
        str(repeats["forward"]), str(repeats["Slack webhook"]),
        f"{max((round.recovery_s for round in rounds), default=0):.1f} s",
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
