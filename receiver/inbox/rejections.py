"""What was refused: counted by reason and minute, with a few samples, written by a timer and never by a request."""

from __future__ import annotations

import contextlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping

from ..errors import StoreError
from ..store import Database, Transaction

FLUSH_EVERY_S = 5  # a crash forgets at most this much counting, and no delivery
SAMPLES_KEPT = 200  # in the whole table: enough to see what is wrong, too few to fill a disk
SAMPLES_HELD = 20  # between two flushes


class Rejections:
    def __init__(self, db: Database, now_us: Callable[[], int] | None = None) -> None:
        self.db = db
        self.now_us = now_us or db.now_us
        self.mutex = threading.Lock()
        self.counts: Counter[tuple[int, str]] = Counter()
        self.samples: list[tuple[int, str, str]] = []

    def count(self, reason: str, facts: Mapping[str, str]) -> None:
        """Count one. `facts` are header values worth seeing, never the signature or the body."""
        now_us = self.now_us()
        with self.mutex:
            self.counts[now_us // 60_000_000, reason] += 1
            if len(self.samples) < SAMPLES_HELD:
                self.samples.append((now_us, reason, json.dumps(dict(facts))))

    def start(self) -> None:
        """Write what was counted every few seconds, from a thread that ends with the process."""
        threading.Thread(target=self.keep_flushing, daemon=True, name="rejections").start()

    def keep_flushing(self) -> None:
        pause = threading.Event()
        while not pause.wait(FLUSH_EVERY_S):
            self.flush()

    def flush(self) -> None:
        with self.mutex:
            counts, self.counts = self.counts, Counter()
            samples, self.samples = self.samples, []
        if counts:
            # a database in trouble: the deliveries' own errors tell of it
            with contextlib.suppress(StoreError):
                self.db.commit(lambda tx: write(tx, counts, samples))


def write(tx: Transaction, counts: Counter[tuple[int, str]], samples: list[tuple[int, str, str]]) -> None:
    for (minute, reason), count in counts.items():
        tx.execute(
            "INSERT INTO rejections (minute, reason, count) VALUES (?, ?, ?) "
            "ON CONFLICT (minute, reason) DO UPDATE SET count = rejections.count + excluded.count",
            (minute, reason, count),
        )
    for sample in samples:
        tx.execute("INSERT INTO rejection_samples (received_us, reason, headers) VALUES (?, ?, ?)", sample)
    tx.execute("DELETE FROM rejection_samples WHERE id <= (SELECT max(id) FROM rejection_samples) - ?", (SAMPLES_KEPT,))
