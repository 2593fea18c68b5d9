"""What acknowledgements cost while others read: run python -m benchmarks.readers [--database postgres].

Rounds alternate: quiet; two who list and count all the time, one in a process of its own and one on the Database
that commits; two who only compute, as the readers take processors too. Each acknowledgement is a real commit.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import multiprocessing
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from receiver import settings, store
from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.store import Database
from tests.support.postgres import Server

from .filling import NUMBERS, draw_behind, fill

DISK = Path(__file__).resolve().parent.parent / "var" / "benchmarks"
FILL_S = 120
ROUNDS, ROUND_S = 4, 6
BODY = b'{"event":"call.completed","data":{"summary":"' + b"x" * 250 + b'"}}'
THREADS = 8  # of the web process that wait for a commit at once
PAUSE_S = 0.02  # of each between two deliveries: some hundreds a second in all
NAMES = ("p50", "p99", "worst")
FIGURES = (statistics.median, lambda took: statistics.quantiles(took, n=100)[98], max)
READS = (
    "SELECT d.key, r.state FROM deliveries AS d JOIN runs AS r ON r.delivery_id = d.id ORDER BY d.id DESC LIMIT 99",
    "SELECT handler, state, count(*) AS n FROM runs GROUP BY handler, state",
    "SELECT count(*) AS n FROM deliveries WHERE event = 'call.completed' AND problems = '[]'",
    "SELECT id, key, event, call_id, received_us FROM deliveries ORDER BY id LIMIT 50000",
)
DELIVERIES = (
    "INSERT INTO deliveries (id, key, event, call_id, received_us, dispatched_us, body, headers, problems) "
    f"{NUMBERS} SELECT i, 'd-' || i, 'call.completed', 'c-' || i, i, i, ?, '{{}}', '[]' FROM n"
)
RUNS = (
    "INSERT INTO runs (delivery_id, handler, call_id, state, attempts, next_attempt_us) "
    f"{NUMBERS} SELECT i, 'slack.post', 'c-' || i, 'succeeded', 1, 1 FROM n"
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readers")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--deliveries", type=int, default=1_000_000)
    options = parser.parse_args()
    DISK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DISK) as folder, database(options.database, folder) as env:
        db = store.connect(settings.read(env))
        store.migrate(db)
        began = time.monotonic()
        rows = fill_for(db, options.deliveries, FILL_S)
        print(f"{options.database}: {rows} deliveries, each with a run, in {time.monotonic() - began:.0f} s")
        reading, computing = partial(two_readers, db, env), partial(processes, compute, 1, 2)
        kinds = {"quiet": contextlib.nullcontext, "two read": reading, "two compute": computing}
        rounds = {kind: [] for kind in kinds}
        for number in range(ROUNDS):
            for kind, others in kinds.items():
                with others():
                    rounds[kind] += keep_for(ROUND_S, Inbox(db), f"{kind}-{number}")
        db.close()
    report(rounds)


@contextlib.contextmanager
def database(kind: str, folder: str) -> Iterator[dict[str, str]]:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(contextlib.closing(Server())) if kind == "postgres" else None
        yield {"DATA_DIR": folder, "DATABASE_URL": server.new_database() if server else ""}


def fill_for(db: Database, number: int, seconds: float) -> int:
    """So many deliveries, or as many as `seconds` allow."""
    until = time.monotonic() + seconds
    last = fill(
        db, number, lambda batch: [(DELIVERIES, (*batch, BODY)), (RUNS, batch)], more=lambda: time.monotonic() < until
    )
    draw_behind(db, {"deliveries": last})
    return last


def keep_for(seconds: float, inbox: Inbox, prefix: str) -> list[float]:
    """Milliseconds that each acknowledgement took."""
    until = time.monotonic() + seconds

    def keep(thread: int) -> list[float]:
        took = []
        while time.monotonic() < until:
            began = time.perf_counter()
            inbox.keep(Delivery(key=f"{prefix}-{thread}-{len(took)}", body=BODY, received_us=1, event="call.completed"))
            took.append((time.perf_counter() - began) * 1000)
            time.sleep(PAUSE_S)
        return took

    with ThreadPoolExecutor(THREADS) as pool:
        return [ms for took in pool.map(keep, range(THREADS)) for ms in took]


@contextlib.contextmanager
def two_readers(db: Database, env: dict[str, str]) -> Iterator[None]:
    ended = threading.Event()
    with processes(read_elsewhere, env), ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read_until, db, ended)
        yield
        ended.set()
        print(f"{reading.result()} reads on the Database that commits", file=sys.stderr)


def read_elsewhere(env: dict[str, str]) -> None:
    read_until(store.connect(settings.read(env)), threading.Event())


def read_until(db: Database, ended: threading.Event) -> int:
    reads = itertools.cycle(READS)
    for number in itertools.count():
        if ended.is_set():
            return number
        db.read(next(reads), timeout_s=30)


def compute(_: int) -> None:
    while True:
        sum(range(100_000))


@contextlib.contextmanager
def processes(target: Callable, *arguments: object) -> Iterator[None]:
    started = [
        multiprocessing.get_context("spawn").Process(target=target, args=(argument,), daemon=True)
        for argument in arguments
    ]
    for process in started:
        process.start()
    time.sleep(1.5)  # until they have begun
    yield
    for process in started:
        process.kill()


def report(rounds: dict[str, list[float]]) -> None:
    for kind, took in rounds.items():
        figures = [(figure(took), figure(took) / figure(rounds["quiet"])) for figure in FIGURES]
        texts = [f"{name} {ms:.2f} ms ({ratio:.1f})" for name, (ms, ratio) in zip(NAMES, figures, strict=True)]
        print(f"{kind:12} {len(took):6} acks, in brackets times quiet: {', '.join(texts)}")


if __name__ == "__main__":
    main()
