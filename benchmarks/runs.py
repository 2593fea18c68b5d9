"""Runs finished per second by one worker whose handler does nothing, beside plain RQ: python -m benchmarks.runs

Plain RQ is its SimpleWorker with the same payloads as arguments of jobs that do nothing: it keeps no ledger, and what
was under way when it dies is lost or repeated. Ours is the whole worker: it opens the runs, hands them out, claims
each, and records how it ended, on disk. Rounds alternate; the processors' time is that of all processes but Redis.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from redis import Redis
from rq import Queue

from mock_sender import payloads
from receiver import settings, store, worker
from receiver.events import Delivery
from receiver.inbox import Inbox
from tests.support.processes import start_redis, started, until

from .arrivals import DIRECTORY, database

OURS = "import benchmarks.runs as runs; runs.work()"
PLAIN = "import os, sys, rq.cli; os.nice(10); sys.argv[0] = 'rq'; rq.cli.main()"  # as nice as ours
FILL = 500  # deliveries in one transaction


@dataclass(frozen=True, kw_only=True)
class Round:
    per_s: float
    cpu_us: float  # of all processes but Redis, for a run


def main() -> None:
    options = arguments()
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    bodies = [payloads.sample(random.Random(number), "call.completed") for number in range(options.runs)]
    ours = partial(of_ours, options.database, bodies)
    contenders: dict[str, Callable[[Path], Round]] = {
        "plain RQ, SimpleWorker": partial(of_rq, bodies),
        "ours": partial(ours, "NOTHING_SINGLY"),
        "ours, in batches of 200": partial(ours, "NOTHING_IN_BATCHES"),
    }
    rounds: dict[str, list[Round]] = {name: [] for name in contenders}
    for _ in range(options.rounds):
        for name, contender in contenders.items():
            with tempfile.TemporaryDirectory(dir=DIRECTORY, prefix="runs-") as folder:
                rounds[name].append(contender(Path(folder)))
            print(f"{name}: {rounds[name][-1].per_s:.0f}/s", file=sys.stderr)
    print(f"{options.runs} runs, {options.rounds} alternating rounds, {options.database}; medians\n")
    print("| worker | runs/s | processor time of a run | x plain RQ |\n| --- | ---: | ---: | ---: |")
    for name, results in rounds.items():
        print(row(name, results, rounds["plain RQ, SimpleWorker"]))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runs", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    return parser.parse_args()


def row(name: str, results: Sequence[Round], plain: Sequence[Round]) -> str:
    per_s, cpu_us = (statistics.median(getattr(each, field) for each in results) for field in ("per_s", "cpu_us"))
    ratio = statistics.median(one.per_s / other.per_s for one, other in zip(results, plain, strict=True))
    return f"| {name} | {per_s:.0f} | {cpu_us:.0f} us | {ratio:.2f} |"


def of_rq(deliveries: Sequence[payloads.Payload], folder: Path) -> Round:
    with redis_in(folder) as socket:
        redis = Redis(unix_socket_path=str(socket))
        queue = Queue("nothing", connection=redis)
        jobs = [
            Queue.prepare_data("benchmarks.runs.do_nothing", args=(each.body,), result_ttl=0) for each in deliveries
        ]
        for start in range(0, len(jobs), FILL):
            queue.enqueue_many(jobs[start : start + FILL])
        command = ("-c", PLAIN, "worker", "-q", "-w", "rq.SimpleWorker", "--url", f"unix://{socket}", "nothing")
        return timed(command, {}, len(jobs), lambda: len(jobs) - queue.count)


def do_nothing(body: bytes) -> None:
    pass


def of_ours(kind: str, deliveries: Sequence[payloads.Payload], variable: str, folder: Path) -> Round:
    with redis_in(folder), database(kind) as url:
        env = {"DATA_DIR": str(folder), "DATABASE_URL": url, "REDIS_URL": "", variable: "1"}
        db = store.connect(settings.read(env))
        store.migrate(db)
        fill(Inbox(db), deliveries)
        sql = "SELECT count(*) AS n FROM runs WHERE state = 'succeeded'"
        result = timed(("-c", OURS), env, len(deliveries), lambda: db.read(sql)[0]["n"])
        db.close()
        return result


def fill(inbox: Inbox, deliveries: Sequence[payloads.Payload]) -> None:
    from receiver.inbox.deliveries import columns, keep

    for start in range(0, len(deliveries), FILL):
        batch = [
            Delivery(key=each.delivery_id, event=each.event, body=each.body, received_us=1, call_id=each.delivery_id)
            for each in deliveries[start : start + FILL]
        ]
        inbox.db.commit(lambda tx, batch=batch: [keep(tx, delivery, columns(delivery)) for delivery in batch])


def work() -> None:
    """In the worker's process."""
    logging.basicConfig(level=logging.WARNING)
    worker.serve(settings.read(os.environ), "benchmarks.nothing")


def timed(command: Sequence[str], env: Mapping[str, str], runs: int, finished: Callable[[], int]) -> Round:
    """From the first run that has finished to the last."""
    cpu_s = children_cpu_s()
    with started(*command, env=env) as process:
        first = until(finished, within_s=60, what="the first run")
        began = time.monotonic()
        until(lambda: finished() >= runs, within_s=600, what="the last run")
        took_s = time.monotonic() - began
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
    return Round(per_s=(runs - first) / took_s, cpu_us=(children_cpu_s() - cpu_s) / runs * 1e6)


def children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextlib.contextmanager
def redis_in(folder: Path):
    socket = folder / "redis.sock"
    process = start_redis(socket)
    try:
        yield socket
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
