"""Deploys again and again while deliveries come, and counts what fails. Run: python -m benchmarks.deploys"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from tests.support.processes import CHECKOUT

from .kinds import KINDS, Kind, missing
from .place import Place
from .traffic import EVERY_S, SENDERS, Tally, Traffic, tally

SECRET = "the deploys' own secret"
DIRECTORY = CHECKOUT / "var" / "deploys"


def main() -> int:
    options = arguments()
    tallies: list[Tally] = []
    for kind in KINDS:
        if options.only and kind.name not in options.only:
            continue
        if lacking := missing(kind):
            print(f"{kind.name} is left out: {lacking} is not installed", file=sys.stderr)
            continue
        tallies.append(run(kind, options))
    print(json.dumps([asdict(tally) for tally in tallies]) if options.json else report(tallies))
    promised = {kind.name for kind in KINDS if kind.promises_none}
    return int(any(tally.lost or (tally.failed and tally.kind in promised) for tally in tallies))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deploys", description=__doc__)
    parser.add_argument("--deploys", type=int, default=100, help="of each kind")
    parser.add_argument("--only", nargs="*", default=[], choices=[kind.name for kind in KINDS])
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="where the receivers keep their files")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def run(kind: Kind, options: argparse.Namespace) -> Tally:
    directory = options.directory / kind.name
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    env = {"INBOUNDFLOW_SIGNING_SECRET": SECRET, "DATABASE_URL": "", "REDIS_URL": "", "HOST": "127.0.0.1"}
    place = Place(directory, env)
    with place.ends:
        port, deploy = kind.ready(place)
        with Traffic(f"http://127.0.0.1:{port}/webhooks/inboundflow", SECRET) as traffic:
            time.sleep(kind.rest_s)
            for number in range(options.deploys):
                deploy()
                time.sleep(kind.rest_s)
                if number % 10 == 9:
                    failed = sum(bool(delivery.failure) for delivery in traffic.seen)
                    print(f"{kind.name}: {number + 1} deploys, {failed} failures", file=sys.stderr, flush=True)
        kept = keys(directory / "inbox.db")
    return tally(kind.name, options.deploys, traffic.seen, kept)


def keys(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as db:
        return {row[0] for row in db.execute("SELECT key FROM deliveries")}


def report(tallies: Sequence[Tally]) -> str:
    what = {kind.name: kind.what for kind in KINDS}
    lines = [
        f"{SENDERS / EVERY_S:.0f} deliveries a second, each over a connection of its own.",
        "",
        "| how | deploys | sent | failed | failed in a row | longest without an answer | slowest answer | lost |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {what[tally.kind]} | {tally.deploys} | {tally.sent} | {tally.failed} | {tally.in_a_row} "
        f"| {tally.without_s:.1f} s | {tally.slowest_s:.1f} s | {tally.lost} |"
        for tally in tallies
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
