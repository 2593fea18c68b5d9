"""What the web process and the worker's children tell of: each answer, each attempt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..inbox import Claim, Verdict
from ..registry import Lane
from ..store import Database
from .counts import Counts
from .metrics import ACKNOWLEDGEMENT, ATTEMPT_TIME, ATTEMPTS, DELIVERIES, REJECTIONS
from .slugs import event_label, failure_label

if TYPE_CHECKING:
    from ..web import Answered


class WebObserver:
    """Of one process, from after its fork until it ends."""

    def __init__(self, db: Database) -> None:
        self.counts = Counts(db, "web")
        self.counts.start()

    def answered(self, answered: Answered) -> None:
        """In the loop of all requests: a few microseconds."""
        if answered.delivery is not None and answered.is_kept:
            self.counts.add(DELIVERIES, event_label(answered.delivery.event), answered.answer)
        else:
            self.counts.add(REJECTIONS, answered.reason)
        self.counts.observe(ACKNOWLEDGEMENT, answered.seconds, answered.answer)

    def end(self, timeout_s: float) -> None:
        self.counts.end(timeout_s)


class WorkerObserver:
    """Of one of the worker's children, from after its fork until it ends. One of `kind` speaks for its worker."""

    def __init__(self, db: Database, kind: str = "") -> None:
        self.counts = Counts(db, kind)
        self.counts.start()

    def attempted(self, lane: Lane, ends: Sequence[tuple[Claim, Verdict]], began_ns: int, ended_ns: int) -> None:
        """One call, and how each of its runs ended by it."""
        for _, verdict in ends:
            self.counts.add(ATTEMPTS, lane.handler, verdict.state, failure_label(verdict.failure))
        self.counts.observe(ATTEMPT_TIME, (ended_ns - began_ns) / 1e9, lane.handler)

    def lost(self, handler: str, runs: int) -> None:
        """Runs that were under way in a process that is gone."""
        for _ in range(runs):
            self.counts.add(ATTEMPTS, handler, "lost", "worker-lost")

    def end(self) -> None:
        self.counts.end()
