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

from rq.serializers import JSONSerializer

from .. import queue, store
from ..errors import StoreError
from ..events import read_event
from ..inbox import Claim, Runs, Verdict
from ..inbox.deliveries import from_row
from ..inbox.paces import take_turn
from ..queue import AHEAD_US
from ..registry import Activation, Earlier, Run
from ..settings import Settings
from .attempt import attempt
from .jobs import JobWorker
from .leases import Leases

log = logging.getLogger("receiver.worker")

RECORD_S = 60  # how long the end of an attempt is written again and again while the database is in trouble
RECORD_EVERY_S = 1
KEY_CHARS = 15  # of a delivery's id in a log line: `receiver show` finds it by its beginning
IDLE_S = 60  # a child without work ends after this long
RQ_TTL_S = 20  # RQ waits for a job for 15 s less than this, and raises its socket time-out to 10 s more than that


class Child:
    def __init__(
        self, settings: Settings, activation: Activation, target: str, beat: Callable[[], None] = lambda: None
    ) -> None:
        self.settings = settings
        self.handler = activation.handler
        self.target = target
        self.run_settings = activation.targets[target]
        self.wanted = activation.wanted
        self.db = store.connect(settings)
        self.runs = Runs(self.db)
        self.owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self.stop = threading.Event()
        self.leases = Leases(self.runs, self.owner, self.handler, beat)

    def work(self) -> None:
        """Until idle or told to stop."""
        global _child
        _child = self
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to pass on
        threading.Thread(target=self.leases.watch, args=(os.getppid(),), daemon=True, name="lease").start()
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
        """Attempt these runs: `batch` in a call, `parallel` calls at a time."""
        size = self.handler.batch
        calls = [ids[i : i + size] for i in range(0, len(ids), size)]
        for future in [self.pool.submit(self.perform_some, some) for some in calls]:
            future.result()
        self.db.nudge()

    def perform_some(self, ids: Sequence[int]) -> None:
        if self.stop.is_set() or not self.to_claim(ids) or not self.has_turn():
            return  # still queued in the database, with no job: they wait again in a few seconds
        asked = time.monotonic()
        ids = self.to_claim(ids)
        claims = self.runs.claim(ids, self.owner, self.db.now_us())
        if not claims:
            return
        with self.leases.kept(claims, asked):
            ends = self.attempt(claims)
            self.leases.attempted(claims)
            kept = self.record(ends)
        for claim, verdict in ends:
            self.tell(claim, verdict, kept=claim.id in kept)

    def to_claim(self, ids: Sequence[int]) -> Sequence[int]:
        """These runs; for a batch all that are like them by now, as many came one by one, and each call counts."""
        if self.handler.batch == 1:
            return ids
        return self.runs.like(ids[0], self.handler.name, self.target, self.db.now_us(), self.handler.batch)

    def has_turn(self) -> bool:
        """Wait for this call's turn where there is a pace; False where that would take long."""
        if not self.handler.pace_s:
            return True
        pace_us, now_us = int(self.handler.pace_s * 1e6), self.db.now_us()
        turn_us = take_turn(self.db, self.handler.name, self.target, pace_us=pace_us, ahead_us=AHEAD_US, now_us=now_us)
        return turn_us is not None and not self.stop.wait(max(0, turn_us - now_us) / 1e6)

    def attempt(self, claims: Sequence[Claim]) -> list[tuple[Claim, Verdict]]:
        events = {claim.id: read_event(claim.delivery) for claim in claims}
        objections = {claim.id: self.wanted.objection(events[claim.id]) for claim in claims}
        meant = [claim for claim in claims if not objections[claim.id]]
        runs = [self.seen_by_handler(claim, meant) for claim in meant]

        def call() -> Sequence[object]:
            if self.handler.batch > 1:
                return list(self.handler.function([events[run.id] for run in runs], runs))
            return [self.handler.function(events[run.id], run) for run in runs]

        skipped = [
            (claim, Verdict(state="skipped", result="skipped", detail=objections[claim.id]))
            for claim in claims
            if objections[claim.id]
        ]
        return [*skipped, *zip(meant, attempt(call, meant) if meant else [], strict=True)]

    def tell(self, claim: Claim, verdict: Verdict, *, kept: bool) -> None:
        name, shown = self.handler.name, f"delivery {claim.delivery.key[:KEY_CHARS]}"
        if verdict.pause:
            log.error(
                "%s is paused: %s When it is mended: %s resume %s", name, sentence(verdict.detail),
                os.environ.get("INBOUNDFLOW_CALLED_AS") or "receiver", f"{name} {self.target}".rstrip(),
            )  # fmt: skip
        elif verdict.state in ("retrying", "dead"):
            log.warning("%s at %s: %s (%s)", shown, name, verdict.state, verdict.detail)
        elif not kept:
            log.warning("%s at %s succeeded after its lease was lost", shown, name)

    def record(self, ends: Sequence[tuple[Claim, Verdict]]) -> list[int]:
        """Write down how they ended, also where the database is in trouble just now; ids of those not lost."""
        deadline = time.monotonic() + RECORD_S
        while True:
            try:
                return self.runs.finish(ends, self.owner, self.db.now_us())
            except StoreError:
                if time.monotonic() > deadline or self.stop.wait(RECORD_EVERY_S):
                    raise

    def seen_by_handler(self, claim: Claim, together: Sequence[Claim]) -> Run:
        return Run(
            id=claim.id,
            handler=self.handler.name,
            target=self.target,
            attempt=claim.attempt,
            failures=claim.failures,
            unsure=claim.attempt > 1,
            settings=self.run_settings,
            delivery=claim.delivery,
            check_lease=lambda: self.leases.hold([one.id for one in together]),
            earlier=lambda: [
                Earlier(event=read_event(from_row(row)), outcome=row["outcome"]) for row in self.runs.earlier(claim.id)
            ],
        )


def sentence(text: str) -> str:
    return text if text.endswith(("?", ".")) else f"{text}."


_child: Child


def perform(ids: Sequence[int]) -> None:
    """What RQ calls. Returns None and never raises: outcomes go to the database, nothing of them to Redis."""
    try:
        _child.perform(ids)
    except Exception as error:
        log.warning("a job of %s was not finished: %s", _child.handler.name, type(error).__name__)
