"""What a delivery costs in a large inbox, against one in a small inbox: run python -m benchmarks.growth.

Both are filled in SQL with handled deliveries, bodies as InboundFlow sends them, ids in random order, three runs with
an attempt each. Then rounds alternate between the two. Times are medians; the ratio is large to small. With --runs 0
the size that is told is that of the deliveries alone, with their indexes.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from mock_sender import payloads
from receiver import settings, store
from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.inbox.attempting import Verdict
from receiver.registry import Lane
from receiver.store import Database
from tests.support.postgres import Server
from tests.support.runs import Runs
from tests.support.tools import claim

from .filling import NUMBERS, draw_behind, fill
from .places import DISK

SMALL = 10_000
FILLING_KIB = 1_000_000
EACH = 25  # of each kind in a round
HANDLERS = ("slack.post", "google_sheets.append", "hubspot.write")
LANE = (HANDLERS[0], "")
DONE = Verdict(state="succeeded", result="succeeded", detail="message 1795979008.000001")
DELIVERIES = (
    "INSERT INTO deliveries (id, key, event, call_id, caller_phone, received_us, dispatched_us, body, headers, "
    "problems) {numbers} SELECT i, {random}, 'call.completed', {random}, '+1555' || i, i, i, ?, '{{}}', '[]' FROM n"
)
RUNS = (
    "INSERT INTO runs (id, delivery_id, handler, call_id, state, attempts, next_attempt_us, outcome) "
    "{numbers} SELECT i * 3 + ?, i, ?, 'c-' || i, 'succeeded', 1, i, 'message 1795979008.000001' FROM n"
)
ATTEMPTS = (
    "INSERT INTO attempts (run_id, number, started_us, ended_us, result, detail) "
    "{numbers} SELECT i * 3 + ?, 1, i, i, 'succeeded', 'message 1795979008.000001' FROM n"
)
RANDOM = {"sqlite": "lower(hex(randomblob(16)))", "postgres": "replace(gen_random_uuid()::text, '-', '')"}


@dataclass(kw_only=True)
class Grown:
    db: Database
    kept: list[str] = field(default_factory=list)  # ids of deliveries that were kept here one by one

    def insert(self) -> None:
        self.kept.append(uuid.uuid4().hex)
        Inbox(self.db).keep(a_delivery(self.kept[-1]))

    def repeat(self) -> None:
        Inbox(self.db).keep(a_delivery(random.choice(self.kept)))

    def dispatch(self) -> None:
        """From what is undispatched to the end of the run's attempt."""
        runs, now_us = Runs(self.db), self.db.now_us()
        [delivery] = runs.undispatched(1)
        runs.open([(delivery, *LANE)], [delivery["id"]], now_us)
        lane = Lane("", *LANE)
        due = runs.backlog.due({lane: 1}, now_us)[lane]
        runs.backlog.mark_queued(due, now_us)
        [run] = due
        claimed = claim(runs, run, "a-worker", now_us)
        runs.finish([(claimed, DONE)], "a-worker", now_us)


def main() -> None:
    options = arguments()
    DISK.mkdir(parents=True, exist_ok=True)
    sizes = (SMALL, options.deliveries)
    with contextlib.ExitStack() as stack:
        small, large = (stack.enter_context(inbox(options.database, size, options.runs)) for size in sizes)
        took: dict[tuple[str, str], list[float]] = {}
        for _ in range(options.rounds):
            for size, grown in (("small", small), ("large", large)):
                for act in (Grown.insert, Grown.repeat, Grown.dispatch):
                    took.setdefault((act.__name__, size), []).extend(timed(partial(act, grown)) for _ in range(EACH))
        report(took)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--deliveries", type=int, default=10_000_000, help="in the large inbox")
    parser.add_argument("--runs", type=int, choices=range(4), default=3, help="of each delivery")
    parser.add_argument("--rounds", type=int, default=20)
    return parser.parse_args()


@contextlib.contextmanager
def inbox(kind: str, deliveries: int, runs: int) -> Iterator[Grown]:
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=DISK, prefix="growth-"))
        server = stack.enter_context(contextlib.closing(Server())) if kind == "postgres" else None
        db = store.connect(settings.read({"DATA_DIR": folder, "DATABASE_URL": server.new_database() if server else ""}))
        stack.callback(db.close)
        store.migrate(db)
        began = time.monotonic()
        fill_up(db, deliveries, RANDOM[kind], HANDLERS[:runs])
        size = database_size(db)
        print(
            f"{kind}: {deliveries:,} deliveries, {runs} runs each, in {time.monotonic() - began:.0f} s; "
            f"{size / deliveries:.0f} bytes for each, {size / deliveries / len(BODY):.2f} times its body's {len(BODY)}",
            file=sys.stderr,
        )
        yield Grown(db=db)


BODY = payloads.sample(random.Random(1), "call.completed", delivery_id=uuid.uuid4().hex).body


def a_delivery(key: str) -> Delivery:
    return Delivery(
        key=key, event="call.completed", call_id=f"call-{key}", body=BODY, received_us=time.time_ns() // 1000
    )


def fill_up(db: Database, number: int, random_id: str, handlers: Sequence[str]) -> None:
    def statements(batch: tuple[int, int]) -> Iterator[tuple[str, tuple[object, ...]]]:
        yield DELIVERIES.format(numbers=NUMBERS, random=random_id), (*batch, BODY)
        for place, handler in enumerate(handlers):
            yield RUNS.format(numbers=NUMBERS), (*batch, place, handler)
            yield ATTEMPTS.format(numbers=NUMBERS), (*batch, place)

    with large_cache(db):
        last = fill(db, number, statements, more=lambda: True)
    draw_behind(db, {"deliveries": last, "runs": last * 3 + 2})
    if db.shared:
        db.commit(lambda tx: tx.execute("ANALYZE"), timeout_s=600)


@contextlib.contextmanager
def large_cache(db: Database) -> Iterator[None]:
    """Of SQLite, for the filling alone: else it writes an index's page for nearly each of the random ids."""
    if db.shared:
        yield
        return
    usual_kib = db.commit(lambda tx: tx.execute("PRAGMA cache_size").fetchone()[0])
    db.commit(lambda tx: tx.execute(f"PRAGMA cache_size = -{FILLING_KIB}"))
    yield
    db.commit(lambda tx: tx.execute(f"PRAGMA cache_size = {usual_kib}"))


def database_size(db: Database) -> int:
    """In bytes; of SQLite with what its log still holds."""
    sqlite = "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size"
    return int(db.read("SELECT pg_database_size(current_database()) AS bytes" if db.shared else sqlite)[0]["bytes"])


def timed(act: Callable[[], None]) -> float:
    """In milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def report(took: dict[tuple[str, str], list[float]]) -> None:
    for name in ("insert", "repeat", "dispatch"):
        small, large = (statistics.median(took[name, size]) for size in ("small", "large"))
        print(f"{name:9} small {small:6.2f} ms, large {large:6.2f} ms: {large / small:.2f} times")


if __name__ == "__main__":
    main()
