"""The dispatcher: deliveries become runs, due runs become jobs. One is active at a time, wherever it runs."""

from __future__ import annotations

import json
import logging
import os
import time
import uuid
from collections.abc import Callable, Sequence

from redis import RedisError

from .inbox import Runs
from .inbox.paces import resting
from .queue import AHEAD_US, RunQueue, problem
from .registry import Activation, Handler, summary

log = logging.getLogger("receiver.dispatch")

OPENED_AT_ONCE = 100  # deliveries in one transaction: while it lasts, no acknowledgement is committed
WINDOW = 256  # queued runs for each handler and target; the rest wait in the database, which cannot be flushed
BATCH = 8  # runs in one job: a job costs Redis a few round trips, whatever it carries
MISSING_AFTER_US = 4_000_000  # a queued run that is in no waiting job for so long was lost with its worker
GRACE_US = 1_000_000  # beyond a call's time-out, before its end counts as unknown
REDIS_REST_S = 1.0  # after a failure: a hung Redis costs its time-out this often, not at every nudge
LET_GO_S = 1.0  # at the end of a process, which a hung database must not keep
LOOK_EVERY_S = 1.0  # at what may have been lost, and for runs that have come due


class Dispatcher:
    def __init__(
        self, runs: Runs, queue: RunQueue, activations: Sequence[Activation], now_us: Callable[[], int] | None = None
    ) -> None:
        self.runs = runs
        self.queue = queue
        self.known = [a for a in activations if a.state in ("on", "misconfigured")]
        self.now_us = now_us or runs.db.now_us
        self.owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self.redis_failed_at: float | None = None
        self.trouble = ""
        self.full: set[tuple[str, str]] = set()  # queues with as many due runs as their window holds
        self.looked_at = -LOOK_EVERY_S
        self.led = False

    def tick(self) -> set[tuple[str, str]]:
        """Do all that is to be done now. Returns the (handler, target) pairs that need a worker."""
        if not self.leads():
            return set(self.pairs())  # another machine dispatches; our workers take their share of the jobs
        while self.has_room() and self.open_runs():
            pass
        return self.feed()

    def has_room(self) -> bool:
        """Whether some queue could take more. In a burst, what cannot be worked on yet is not even opened."""
        pairs = self.pairs()
        return not pairs or any(pair not in self.full for pair in pairs)

    def leads(self) -> bool:
        """Whether this dispatcher is the active one; once a second it says so, and looks for abandoned runs."""
        if time.monotonic() - self.looked_at < LOOK_EVERY_S:
            return True
        handlers = "" if self.led else json.dumps(summary(self.known))
        self.led = False  # also where the next line raises: somebody else may lead, and note their own
        self.led = self.runs.lead(self.owner, self.now_us(), handlers)
        if not self.led:
            return False
        for activation in self.known:
            limit_us = int(activation.handler.timeout_s * 1_000_000) + GRACE_US
            self.runs.take_over(activation.handler.name, limit_us, self.now_us())
        self.looked_at = time.monotonic()
        return True

    def let_go(self) -> None:
        """Let another machine's dispatcher, or the next one here, lead at once. Raises StoreError."""
        if self.led:
            self.runs.let_go(self.owner, self.now_us(), timeout_s=LET_GO_S)

    def open_runs(self) -> bool:
        """Open the runs of what has come in; whether there may be more."""
        deliveries = self.runs.undispatched(OPENED_AT_ONCE)
        wanted = [
            (delivery, activation.handler.name, target)
            for delivery in deliveries
            for activation in self.known
            if activation.takes(delivery["event"])
            for target in activation.targets
        ]
        if deliveries:
            self.runs.open(wanted, [delivery["id"] for delivery in deliveries], self.now_us())
        return len(deliveries) == OPENED_AT_ONCE

    def pairs(self) -> list[tuple[str, str]]:
        return [(a.handler.name, target) for a in self.known if a.state == "on" for target in a.targets]

    def feed(self) -> set[tuple[str, str]]:
        """Top up each queue in Redis, and find what was lost there."""
        if self.redis_failed_at is not None and time.monotonic() - self.redis_failed_at < REDIS_REST_S:
            return set()
        try:
            busy = self.feed_all()
        except (RedisError, OSError) as error:
            self.tell(problem(error))
            self.redis_failed_at = time.monotonic()
            return set()
        self.redis_failed_at = None
        self.tell("")
        return busy

    def tell(self, trouble: str) -> None:
        """One line when Redis goes, one when it is back."""
        if trouble and trouble != self.trouble:
            log.warning("%s: deliveries are kept, runs wait", trouble)
        if self.trouble and not trouble:
            log.warning("Redis answers again: runs go on")
        self.trouble = trouble

    def feed_all(self) -> set[tuple[str, str]]:
        if self.queue.was_emptied():
            self.runs.unqueue()
        self.full.clear()
        waiting = self.runs.paused() | resting(self.runs.db, self.now_us() + AHEAD_US)
        for activation in self.known:
            if activation.state == "on" and "" not in activation.targets:
                self.runs.spread(activation.handler.name, activation.targets)
        return {
            (a.handler.name, target)
            for a in self.known
            if a.state == "on"
            for target in a.targets
            if (a.handler.name, target) not in waiting and self.feed_one(a.handler, target)
        }

    def feed_one(self, of: Handler, target: str) -> bool:
        """Whether there is work in this queue."""
        handler = of.name
        queued = self.recover(handler, target)
        room = window(of) - queued
        due = self.runs.due(handler, target, self.now_us(), room) if room > 0 else []
        if len(due) >= room:
            self.full.add((handler, target))
        if due:
            self.queue.push(handler, target, self.jobs(of, due))
            self.runs.mark_queued(due, self.now_us())  # after the push: a crash between them repeats it, harmlessly
        return bool(queued or due)

    def jobs(self, of: Handler, due: Sequence[int]) -> list[Sequence[int]]:
        """These runs as they are handed out: those of a batch are of one kind of event."""
        groups = self.runs.by_event(due) if of.batch > 1 else [due]
        size = runs_in_a_job(of)
        return [group[i : i + size] for group in groups for i in range(0, len(group), size)]

    def recover(self, handler: str, target: str) -> int:
        """Let runs whose job is gone wait again. Returns how many are still queued."""
        queued = self.runs.queued(handler, target)
        old = {run for run, since_us in queued.items() if since_us < self.now_us() - MISSING_AFTER_US}
        lost = old - self.queue.waiting(handler, target) if old else set()
        if lost:
            self.runs.unqueue(sorted(lost))
        return len(queued) - len(lost)


def window(handler: Handler) -> int:
    """How many runs may be queued: of a paced handler only those whose turn is near, as what waits long looks lost."""
    if not handler.pace_s:
        return max(WINDOW, handler.batch)
    return max(1, int(AHEAD_US / 1e6 / handler.pace_s)) * handler.batch


def runs_in_a_job(handler: Handler) -> int:
    """A job holds a call, or several where they follow each other within a second."""
    calls = min(BATCH, max(1, int(1 / handler.pace_s))) if handler.pace_s else BATCH
    return handler.batch if handler.batch > 1 else calls
