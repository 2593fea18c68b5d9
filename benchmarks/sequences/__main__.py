"""Random sequences of deliveries, kills, clock steps, flushes and people's doing, checked against a model.

A sequence is about thirty actions on two worker machines at one database; then all is resumed, and time passes until
nothing happens any more. What stands in the inbox is compared with the model after each action.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from .mistakes import MISTAKES
from .plan import LENGTH
from .playing import play_all
from .system import Outcome


def main() -> int:
    options = arguments()
    kinds = [options.database] if options.database else ["sqlite", "postgres"]
    return max(run(kind, options) for kind in kinds)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sequences", description=__doc__)
    parser.add_argument("--sequences", type=int, default=100)
    parser.add_argument("--database", choices=("sqlite", "postgres"), help="default: one after the other")
    parser.add_argument("--seed", type=int, default=1, help="of the first; each next has the next number")
    parser.add_argument("--length", type=int, default=LENGTH, help="actions in a sequence")
    parser.add_argument("--lanes", type=int, default=2, help="processes that play at the same time")
    parser.add_argument("--mistake", choices=sorted(MISTAKES), help="seed a mistake: it must be found")
    parser.add_argument("--shrink", action="store_true", help="show the shortest part of each failure that still fails")
    return parser.parse_args()


def run(kind: str, options: argparse.Namespace) -> int:
    """Play all of them; the line of result, and 1 where some failed."""
    began = time.monotonic()
    seeds = range(options.seed, options.seed + options.sequences)
    lanes = min(options.lanes, options.sequences)
    with ProcessPoolExecutor(lanes, multiprocessing.get_context("spawn")) as pool:
        parts = pool.map(play_all, *zip(*[(kind, seeds[lane::lanes], options) for lane in range(lanes)], strict=True))
        outcomes = {seed: outcome for part in parts for seed, outcome in part.items()}
    print(line(kind, outcomes, time.monotonic() - began), flush=True)
    return int(any(outcome.difference for outcome in outcomes.values()))


def line(kind: str, outcomes: dict[int, Outcome], took_s: float) -> str:
    kinds = Counter(outcome.kind for outcome in outcomes.values())
    failed = [seed for seed, outcome in sorted(outcomes.items()) if outcome.difference]
    text = (
        f"{kind}: {len(outcomes):,} sequences in {took_s / 60:.1f} min: "
        f"{sum(outcome.actions for outcome in outcomes.values()):,} actions, "
        f"{sum(outcome.deliveries for outcome in outcomes.values()):,} deliveries acknowledged, "
        f"{sum(outcome.runs for outcome in outcomes.values()):,} runs, "
        f"{sum(outcome.effects for outcome in outcomes.values()):,} effects; "
        f"{kinds['lost']} lost, {kinds['doubled']} doubled, {kinds['stuck']} stuck, {len(failed)} differences."
    )
    text += " " + what_happened(outcomes)
    return text + (f" Seeds: {' '.join(map(str, failed))}." if failed else "")


def what_happened(outcomes: dict[int, Outcome]) -> str:
    total: Counter[str] = Counter()
    for outcome in outcomes.values():
        total.update(outcome.happened)
    words = {
        "process killed": "processes killed in a call",
        "kill": "machines killed",
        "connection cut": "connections cut in a call",
        "cut": "all cut",
        "step": "steps of the clock",
        "flush": "flushes",
        "switch": "switches of a handler",
        "pause": "pauses",
        "taken over": "attempts taken over",
        "replayed": "runs replayed",
        "cancelled": "runs cancelled",
        "succeeded": "runs succeeded in the end",
        "dead": "dead letters",
    }
    return "Meanwhile: " + ", ".join(f"{total[name]:,} {what}" for name, what in words.items()) + "."


if __name__ == "__main__":
    sys.exit(main())
