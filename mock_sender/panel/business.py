"""What goes on behind the pages: calls at the business are reported, and retries that come due are made."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Self

from .. import payloads
from ..inboundflow import InboundFlow
from ..payloads import Payload
from ..records import Refused
from ..trouble import TROUBLES

AT_ONCE = 4  # calls that are reported at the same time; a receiver that hangs keeps each for 40 s
LOOK_S = 0.25  # between two looks for retries; the shortest schedule waits a second
# A delivery's first attempt belongs to the thread that reports it, which knows the trouble asked for.
# A connection may be removed while something is sent to it; then there is nothing to write down.
REMOVED = (Refused, sqlite3.IntegrityError)
DUE = """
SELECT id FROM deliveries WHERE state = 'waiting' AND next_at <= ? AND (attempts > 0 OR next_at >= at + 1)
ORDER BY next_at, id LIMIT 1
"""
# Order is for many requests at once, and the previous secret is not kept here.
TROUBLES_HERE = tuple(
    trouble.name for trouble in TROUBLES.values() if not trouble.order and trouble.name != "previous-secret"
)


class Business:
    """A place where the telephone rings. Use it in a `with`."""

    def __init__(self, flow: InboundFlow) -> None:
        self.flow = flow
        self.lines = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="call")
        self.closing = threading.Event()
        self.retries = threading.Thread(target=self.retry, name="retries", daemon=True)

    def __enter__(self) -> Self:
        self.retries.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.lines.shutdown(wait=True, cancel_futures=True)
        self.retries.join()

    def call(self, trouble: Sequence[str] = ()) -> None:
        """Somebody calls: four events, one after another."""
        self.lines.submit(self.report, payloads.call(random.Random()), trouble)

    def event(self, name: str, trouble: Sequence[str] = ()) -> None:
        self.lines.submit(self.report, [payloads.sample(random.Random(), name)], trouble)

    def report(self, events: Sequence[Payload], trouble: Sequence[str]) -> None:
        for payload in events:
            if not self.closing.is_set():
                with suppress(*REMOVED):
                    self.flow.report(payload, trouble)

    def retry(self) -> None:
        while not self.closing.wait(LOOK_S):
            with suppress(sqlite3.OperationalError):  # busy or full for now: what is due stays due
                for row in self.flow.book.read(DUE, self.flow.clock.now()):
                    with suppress(*REMOVED):
                        self.flow.attempt(row["id"])
