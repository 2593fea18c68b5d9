"""What a process counts: added up in memory, and to the database's sums by a timer, never by a request.

So the sums are those of all processes on all machines, whichever of them answers, and no restart begins them anew.
Prometheus' own client has files for the processes of one machine instead, of which each restart leaves some.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from operator import add

from ..errors import StoreError
from ..store import Database, FromNow, Transaction
from .metrics import Metric

FLUSH_EVERY_S = 5  # a process that is killed forgets at most this much counting
BEAT_EVERY_S = 10  # a heartbeat is a write of its own where nothing was counted
BELIEVED_US = 30_000_000  # after its last heartbeat a process counts as gone
SERIES = 300  # of one metric in one process: the next ones are `other`, whoever makes names up

Key = tuple[str, tuple[str, ...]]

ADD = """
INSERT INTO metrics (name, labels, value) VALUES (?, ?, ?)
ON CONFLICT (name, labels) DO UPDATE SET value = metrics.value + excluded.value
"""
BEAT = """
INSERT INTO heartbeats (process, kind, seen_us) VALUES (?, ?, ?)
ON CONFLICT (process) DO UPDATE SET seen_us = excluded.seen_us
"""
FORGET = "DELETE FROM heartbeats WHERE seen_us NOT BETWEEN ? AND ?"


class Counts:
    """`kind` is what this process is counted as while it lives; "" where another one speaks for it."""

    def __init__(self, db: Database, kind: str = "") -> None:
        self.db = db
        self.kind = kind
        self.process = f"{kind}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self.mutex = threading.Lock()
        self.rows: dict[Key, list[int]] = {}
        self.known: dict[str, set[tuple[str, ...]]] = {}
        self.ended = threading.Event()
        self.flushes = 0

    def add(self, metric: Metric, *labels: str) -> None:
        with self.mutex:
            self.row(metric, labels)[0] += 1

    def observe(self, metric: Metric, seconds: float, *labels: str) -> None:
        """Into the first bucket that is large enough; they are summed up when they are shown."""
        with self.mutex:
            row = self.row(metric, labels)
            row[bisect_left(metric.buckets_s, seconds)] += 1
            row[-1] += int(seconds * 1e6)

    def row(self, metric: Metric, labels: tuple[str, ...]) -> list[int]:
        """What a series has counted since the last flush: one number, or one for each bucket and the sum of times."""
        row = self.rows.get((metric.name, labels))
        if row is None:
            size = len(metric.buckets_s) + 2 if metric.buckets_s else 1
            row = self.rows.setdefault((metric.name, self.bounded(metric, labels)), [0] * size)
        return row

    def bounded(self, metric: Metric, labels: tuple[str, ...]) -> tuple[str, ...]:
        known = self.known.setdefault(metric.name, set())
        if labels not in known and len(known) >= SERIES:
            return ("other",) * len(labels)
        known.add(labels)
        return labels

    def start(self) -> None:
        """Write from a thread that ends with the process."""
        threading.Thread(target=self.keep_flushing, daemon=True, name="metrics").start()

    def keep_flushing(self) -> None:
        while True:
            self.flush()
            if self.ended.wait(FLUSH_EVERY_S):
                return

    def flush(self, timeout_s: float = 10) -> None:
        """Write what was counted. What cannot be written is written the next time, or when the tables are there."""
        beats = bool(self.kind) and self.flushes % (BEAT_EVERY_S // FLUSH_EVERY_S) == 0
        self.flushes += 1
        self.write(self.beat if beats else None, timeout_s)

    def write(self, sign: Callable[[Transaction], None] | None, timeout_s: float) -> None:
        """What was counted and, where there is one, a sign of life, in one transaction."""
        with self.mutex:
            rows, self.rows = self.rows, {}
        if not rows and not sign:
            return
        sums = sorted(sums_of(rows))  # in one order, as two processes may add to the same

        def work(tx: Transaction) -> None:
            if sums:
                tx.executemany(ADD, sums)
            if sign:
                sign(tx)

        try:
            self.db.commit(work, timeout_s=timeout_s)
        except StoreError:
            self.put_back(rows)

    def put_back(self, rows: Mapping[Key, list[int]]) -> None:
        with self.mutex:
            for key, row in rows.items():
                self.rows[key] = [*map(add, row, self.rows.get(key, [0] * len(row)))]

    def beat(self, tx: Transaction) -> None:
        """Also forget who is gone, or has the time of a clock that was ahead."""
        tx.execute(FORGET, (FromNow(-BELIEVED_US), FromNow(BELIEVED_US)))
        tx.execute(BEAT, (self.process, self.kind, FromNow()))

    def end(self, timeout_s: float = 1) -> None:
        """Write what was counted last, and sign off."""
        self.ended.set()
        self.write(self.sign_off if self.kind else None, timeout_s)

    def sign_off(self, tx: Transaction) -> None:
        tx.execute("DELETE FROM heartbeats WHERE process = ?", (self.process,))


def sums_of(rows: Mapping[Key, list[int]]) -> Iterator[tuple[str, str, int]]:
    """As they stand in the database; a bucket is one label more."""
    for (name, labels), row in rows.items():
        if len(row) == 1:
            yield name, json.dumps(labels), row[0]
            continue
        for bucket, value in enumerate(row):
            if value:
                yield name, json.dumps((*labels, "sum" if bucket == len(row) - 1 else str(bucket))), value
