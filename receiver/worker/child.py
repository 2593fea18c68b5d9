"""A child of the worker: takes the jobs of one (handler, target) from RQ and attempts their runs."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any

from rq import SimpleWorker
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty

from .. import inbox, queue
from ..errors import LeaseLost, StoreError
from ..inbox import Claim, Runs, Verdict
from ..inbox.runs import RUN_LEASE_US
from ..registry import Activation, Run
from ..settings import Settings
from .attempt import attempt

log = logging.getLogger("receiver.worker")

RENEW_EVERY_S = 2.0
RECORD_S = 60  # how long the end of an attempt is written again and again while the database is in trouble
LEASE_MARGIN_S = 1.0  # a write begun with less than this left on the lease is not begun
IDLE_S = 60  # a child without work ends after this long
RQ_TTL_S = 20  # RQ waits for a job for 15 s less than this, and raises its socket time-out to 10 s more than that
HARD_LIMIT_GRACE_S = 5  # past a handler's time-out, before its process is ended
HARD_LIMIT_EXIT = 70


class NoDeathPenalty(BaseDeathPenalty):
    """RQ would raise into the handler at any line; our hard limit ends the process instead."""

    def setup_death_penalty(self) -> None:
        pass

    def cancel_death_penalty(self) -> None:
        pass


class JobWorker(SimpleWorker):
    """RQ's worker without what this project has no use for: titles, remote commands, job time-outs."""

    death_penalty_class = NoDeathPenalty
    max_connection_wait_time = 2  # RQ backs off to a minute; work is to resume within seconds

    def __init__(self, *args: Any, stop: threading.Event, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stop = stop

    def procline(self, message: str) -> None:
        pass

    def subscribe(self) -> None:
        pass

    def unsubscribe(self) -> None:
        pass

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.stop.set()
        super().request_stop(signum, frame)


@dataclass
class Held:
    """A claimed run: when that was asked for, and until when nobody else can have it. Monotonic, in seconds."""

    began: float
    until: float
    attempting: bool = True

    def __init__(self, began: float) -> None:
        self.began = began
        self.until = began + RUN_LEASE_US / 1e6


class Child:
    def __init__(
        self, settings: Settings, activation: Activation, target: str, beat: Callable[[], None] = lambda: None
    ) -> None:
        self.settings = settings
        self.handler = activation.handler
        self.target = target
        self.run_settings = activation.targets[target]
        self.db = inbox.connect(settings)
        self.runs = Runs(self.db)
        self.owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self.stop = threading.Event()
        self.held: dict[int, Held] = {}
        self.beat = beat  # a sign of life

    def work(self) -> None:
        """Until idle or told to stop."""
        global _child
        _child = self
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to pass on
        threading.Thread(target=self.watch, args=(os.getppid(),), daemon=True, name="lease").start()
        redis = queue.connect(self.settings)
        name = queue.queue_name(self.handler.name, self.target)
        worker = JobWorker(
            [name],
            connection=redis,
            serializer=JSONSerializer,
            worker_ttl=RQ_TTL_S,
            log_job_description=False,
            stop=self.stop,
        )
        with ThreadPoolExecutor(self.handler.parallel) as self.pool:
            worker.work(max_idle_time=IDLE_S, logging_level="CRITICAL")  # the dispatcher tells of Redis, once

    def perform(self, ids: Sequence[int]) -> None:
        """Attempt these runs, `parallel` at a time."""
        for future in [self.pool.submit(self.perform_one, run) for run in ids]:
            future.result()
        self.db.nudge()

    def perform_one(self, run: int) -> None:
        if self.stop.is_set():
            return  # still queued in the database, with no job: it waits again in a few seconds
        asked = time.monotonic()
        claim = self.runs.claim(run, self.owner, self.db.now_us())
        if claim is None:
            return
        self.held[run] = Held(asked)
        try:
            verdict = attempt(self.handler.function, claim, self.seen_by_handler(claim), claim.failures)
            self.held[run].attempting = False
            kept = self.record(claim, verdict)
        finally:
            del self.held[run]
        if verdict.pause:
            mended = f"receiver resume {self.handler.name} {self.target}".rstrip()
            log.error("%s is paused: %s. When it is mended: %s", self.handler.name, verdict.detail, mended)
        elif verdict.state != "succeeded":
            log.warning("run %d at %s: %s (%s)", run, self.handler.name, verdict.state, verdict.detail)
        elif not kept:
            log.warning("run %d at %s succeeded after its lease was lost", run, self.handler.name)

    def record(self, claim: Claim, verdict: Verdict) -> bool:
        """Write down how it ended, also where the database is in trouble just now; False where the run was lost."""
        deadline = time.monotonic() + RECORD_S
        while True:
            try:
                return self.runs.finish(claim, self.owner, verdict, self.db.now_us())
            except StoreError:
                if time.monotonic() > deadline or self.stop.wait(RENEW_EVERY_S / 2):
                    raise

    def seen_by_handler(self, claim: Claim) -> Run:
        return Run(
            id=claim.id,
            handler=self.handler.name,
            target=self.target,
            attempt=claim.attempt,
            unsure=claim.attempt > 1,
            settings=self.run_settings,
            delivery=claim.delivery,
            hold=lambda: self.hold(claim.id),
        )

    def hold(self, run: int) -> None:
        """Raise LeaseLost where others may have the run: the database was not reached, or this worker was away."""
        if time.monotonic() > self.held[run].until - LEASE_MARGIN_S:
            raise LeaseLost("the lease ran out while this worker was away")

    def watch(self, parent: int) -> None:
        """Renew the leases; end this process when an attempt overruns or the parent is gone."""
        pause = threading.Event()
        threading.Thread(target=self.keep_renewing, daemon=True, name="renew").start()
        while not pause.wait(RENEW_EVERY_S / 4):
            self.beat()
            if os.getppid() != parent:
                self.stop.set()
                os._exit(1)
            limit_s = self.handler.timeout_s + HARD_LIMIT_GRACE_S
            now = time.monotonic()
            overdue = [run for run, held in self.held.copy().items() if held.attempting and now - held.began > limit_s]
            if overdue:
                log.error("run %d at %s took over %g s: ending its process", overdue[0], self.handler.name, limit_s)
                os._exit(HARD_LIMIT_EXIT)

    def keep_renewing(self) -> None:
        pause = threading.Event()
        while not pause.wait(RENEW_EVERY_S):
            if self.held:
                with suppress(StoreError):  # a database in trouble: the lease runs out, and `hold` says so
                    self.renew()

    def renew(self) -> None:
        held, asked = self.held.copy(), time.monotonic()
        for run in self.runs.renew(self.owner, list(held), self.db.now_us()):
            held[run].until = asked + RUN_LEASE_US / 1e6


_child: Child


def perform(ids: Sequence[int]) -> None:
    """What RQ calls. Returns None and never raises: outcomes go to the database, nothing of them to Redis."""
    try:
        _child.perform(ids)
    except Exception as error:
        log.warning("a job of %s was not finished: %s", _child.handler.name, type(error).__name__)
