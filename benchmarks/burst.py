"""A burst of deliveries against destinations with their real limits. Run: python -m benchmarks.burst

Every delivery comes at once. Google Sheets takes 60 writes and 60 reads a minute and Slack a message a second and
channel; the played ones count, and refuse what is over. What is told: when each had caught up, how close to its
limit it was ever called, how often it refused, and what is lost or there twice at the end.
"""

from __future__ import annotations

import argparse
import bisect
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from mock_sender import payloads, sender
from mock_sender.destinations import Destinations
from mock_sender.destinations.server import Exchange
from tests.support.processes import CHECKOUT, free_port, is_ready, started, until

SECRET = "the burst's own secret"
DIRECTORY = CHECKOUT / "var" / "burst"
SENDERS = 16  # as many requests at once


@dataclass(frozen=True, kw_only=True)
class Limit:
    """So many of these calls in any span of so many seconds."""

    what: str
    calls: int
    span_s: float
    counts: Callable[[Exchange], bool]


LIMITS = {
    "slack": Limit(
        what="messages", calls=11, span_s=10, counts=lambda exchange: exchange.path.endswith("postMessage")
    ),  # one a second, where a span may begin and end with one
    "sheets": Limit(
        what="writes", calls=60, span_s=60, counts=lambda exchange: is_write(exchange) and exchange.path != "/token"
    ),
    "hubspot": Limit(what="calls", calls=100, span_s=10, counts=lambda exchange: True),
}


def is_write(exchange: Exchange) -> bool:
    return exchange.method in ("POST", "PUT")


@dataclass(frozen=True, kw_only=True)
class Caught:
    """How one destination took the burst."""

    destination: str
    wanted: int  # effects, one for each delivery
    there: int
    doubled: int
    caught_up_s: float | None  # from the first delivery until all were there; None: not within the time given
    most: int  # of what its limit counts, in the busiest span of that length
    refused: int  # calls that it answered with 429

    @property
    def is_well(self) -> bool:
        return self.there == self.wanted and not self.doubled and self.most <= LIMITS[self.destination].calls


def main() -> int:
    options = arguments()
    shutil.rmtree(options.directory, ignore_errors=True)
    options.directory.mkdir(parents=True)
    rng = random.Random(options.seed)
    deliveries = [payload for _ in range(-(-options.deliveries // 4)) for payload in payloads.call(rng)][
        : options.deliveries
    ]
    with Destinations() as world:
        world.sheets.writes_per_minute = world.sheets.reads_per_minute = 60
        world.exchanges = []
        acked_s, results = run(world, deliveries, options)
    if options.json:
        print(json.dumps({"acked_s": acked_s, "destinations": [asdict(result) for result in results]}))
    else:
        print(report(len(deliveries), acked_s, results))
    return int(not all(result.is_well for result in results))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.burst", description=__doc__)
    parser.add_argument("--deliveries", type=int, default=1000)
    parser.add_argument("--within", type=float, default=1500, help="seconds to wait for the slowest destination")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="where the receiver keeps its files")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def run(
    world: Destinations, deliveries: Sequence[payloads.Payload], options: argparse.Namespace
) -> tuple[float, list[Caught]]:
    port = free_port()
    env = {**os.environ, **world.env, "DATA_DIR": str(options.directory), "PORT": str(port), "HOST": "127.0.0.1"}
    env |= {"INBOUNDFLOW_SIGNING_SECRET": SECRET, "DATABASE_URL": "", "REDIS_URL": ""}
    url = f"http://127.0.0.1:{port}"
    with (
        (options.directory / "log").open("ab") as log,
        started("-m", "receiver", "up", env=env, stdout=log, stderr=subprocess.STDOUT),
    ):
        until(lambda: is_ready(port), within_s=60, what="the receiver")
        began = time.monotonic()
        with ThreadPoolExecutor(SENDERS) as pool:
            answers = list(
                pool.map(
                    lambda payload: sender.deliver(f"{url}/webhooks/inboundflow", payload, secret=SECRET), deliveries
                )
            )
        acked_s = time.monotonic() - began
        if failed := [answer.failure for answer in answers if answer.failure]:
            sys.exit(f"{len(failed)} deliveries were not acknowledged: {failed[0]}")
        return acked_s, watch(world, deliveries, began, options.within)


def watch(world: Destinations, deliveries: Sequence[payloads.Payload], began: float, within_s: float) -> list[Caught]:
    """Wait until each destination has everything. Returns how each took the burst."""
    keys = {payload.delivery_id for payload in deliveries}
    done: dict[str, float] = {}
    while len(done) < len(LIMITS) and time.monotonic() - began < within_s:
        time.sleep(0.5)
        counts = effects(world)
        for name in LIMITS:
            if name not in done and keys <= counts[name].keys():
                done[name] = time.monotonic() - began
                print(f"{name} has all {len(keys)} after {done[name]:.0f} s", file=sys.stderr)
    counts = effects(world)
    return [
        Caught(
            destination=name,
            wanted=len(keys),
            there=len(keys & counts[name].keys()),
            doubled=sum(count - 1 for count in counts[name].values()),
            caught_up_s=done.get(name),
            most=busiest(name, world.exchanges or []),
            refused=sum(exchange.destination == name and exchange.status == 429 for exchange in world.exchanges or []),
        )
        for name in LIMITS
    ]


def effects(world: Destinations) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {name: Counter() for name in world.parts()}
    for effect in world.state()["effects"]:
        counts[effect["destination"]][effect["delivery_id"]] += 1
    return counts


def busiest(name: str, exchanges: Sequence[Exchange]) -> int:
    """The most of a destination's counted calls that fell into one span of its limit."""
    limit = LIMITS[name]
    times = sorted(
        exchange.answered_s for exchange in exchanges if exchange.destination == name and limit.counts(exchange)
    )
    return max((bisect.bisect_left(times, start + limit.span_s) - n for n, start in enumerate(times)), default=0)


def report(deliveries: int, acked_s: float, results: Sequence[Caught]) -> str:
    lines = [
        f"{deliveries} deliveries, all acknowledged within {acked_s:.1f} s.",
        "",
        "| destination | there | doubled | caught up after | busiest span | limit | refused |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for result in results:
        limit = LIMITS[result.destination]
        after = f"{result.caught_up_s:.0f} s" if result.caught_up_s is not None else "not yet"
        lines.append(
            f"| {result.destination} | {result.there} of {result.wanted} | {result.doubled} | {after} "
            f"| {result.most} {limit.what} in {limit.span_s:.0f} s | {limit.calls} | {result.refused} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
