"""What was refused: counted by reason and minute, with a few samples, written by a timer and never by a request.

With it goes how InboundFlow's own requests were answered (answers.py).
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping

from ..errors import StoreError
from ..locales import Texts
from ..logs import at
from ..settings import for_business
from ..store import Database, Transaction
from .answers import Answer, Answers, Held

log = logging.getLogger("receiver.web")

FLUSH_EVERY_S = 5  # a crash forgets at most this much counting, and no delivery
SAMPLES_KEPT = 200  # in the whole table: enough to see what is wrong, too few to fill a disk
SAMPLES_HELD = 20  # between two flushes
COUNTS_HELD = 10_000  # a day and more of a database in trouble, at five reasons a minute; a megabyte or two
TEXTS = Texts({
    "refused": ("refused{business}: {reason}, {n} so far in this minute",
                "rechazada{business}: {reason}, {n} hasta ahora en este minuto"),
})  # fmt: skip
Counts = Counter[tuple[str, int, str]]  # by source, minute and reason
Sample = tuple[str, int, str, str]


class Rejections:
    def __init__(self, db: Database, now_us: Callable[[], int] | None = None) -> None:
        self.db = db
        self.now_us = now_us or db.now_us
        self.mutex = threading.Lock()
        self.counts: Counts = Counter()
        self.samples: list[Sample] = []
        self.answers = Answers()
        self.logged: dict[tuple[str, str], int] = {}  # by source and reason: the minute of its last line

    def note(self, answer: Answer) -> None:
        """Note how a request with InboundFlow's mark was answered, just now."""
        self.answers.note(answer, self.now_us())

    def count(self, reason: str, headers: Mapping[str, str], *, source: str = "") -> None:
        """Count a rejection. `headers` are those worth seeing, never the signature."""
        now_us = self.now_us()
        with self.mutex:
            self.counts[source, now_us // 60_000_000, reason] += 1
            if len(self.samples) < SAMPLES_HELD:
                self.samples.append((source, now_us, reason, json.dumps(dict(headers))))

    def start(self) -> None:
        """Write what was counted every few seconds, from a thread that ends with the process."""
        threading.Thread(target=self.keep_flushing, daemon=True, name="rejections").start()

    def keep_flushing(self) -> None:
        with contextlib.suppress(StoreError):  # opens the database: no thread that commits can start in the last flush
            self.db.commit(lambda tx: None)
        while True:
            time.sleep(FLUSH_EVERY_S)
            self.flush()

    def flush(self, timeout_s: float = 10) -> None:
        """Write what was counted; what cannot be written is written the next time, or when its tables are there.

        A database that broke down in the commit may have it already: then it is counted twice, rather than not at all.
        """
        with self.mutex:
            counts, self.counts = self.counts, Counter()
            samples, self.samples = self.samples, []
        held = self.answers.take()
        self.log_new(counts)
        if not (counts or held.refused or held.acknowledged):
            return
        sources = held.by_source()
        now_us = self.now_us() if sources else 0

        def work(tx: Transaction) -> None:
            write(tx, counts, samples)
            for source in sources:
                source.write(tx, now_us)

        try:
            self.db.commit(work, timeout_s=timeout_s)
        except StoreError:  # the deliveries' own errors report it
            self.put_back(counts, samples, held)

    def log_new(self, counts: Counts) -> None:
        """A line for each reason and minute, however many there are."""
        for (source, minute, reason), number in sorted(counts.items()):
            last = self.logged.get((source, reason), -1)
            if not last - COUNTS_HELD <= minute <= last:  # a clock that was far ahead is right again
                self.logged[source, reason] = minute
                line = TEXTS("refused", business=at("", source), reason=reason, n=number)
                log.warning("%s", for_business(line), extra={"source": source})

    def put_back(self, counts: Counts, samples: list[Sample], held: Held) -> None:
        self.answers.put_back(held)
        with self.mutex:
            self.counts = newest(counts + self.counts)
            self.samples = (samples + self.samples)[:SAMPLES_HELD]


def newest(counts: Counts) -> Counts:
    """As many as may be held, so that a database that stays away fills no memory."""
    surplus = len(counts) - COUNTS_HELD
    if surplus <= 0:
        return counts
    return Counter(dict(sorted(counts.items(), key=lambda item: item[0][1])[surplus:]))


def write(tx: Transaction, counts: Counts, samples: list[Sample]) -> None:
    tx.executemany(
        "INSERT INTO rejection_counts (source, minute, reason, count) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (source, minute, reason) DO UPDATE SET count = rejection_counts.count + excluded.count",
        [(*key, count) for key, count in sorted(counts.items())],  # in one order, as two processes may write the same
    )
    tx.executemany("INSERT INTO rejection_samples (source, received_us, reason, headers) VALUES (?, ?, ?, ?)", samples)
    tx.execute("DELETE FROM rejection_samples WHERE id <= (SELECT max(id) FROM rejection_samples) - ?", (SAMPLES_KEPT,))
