"""A handler's process: it attempts the runs of all of the handler's lanes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from redis import RedisError

from .. import queue, store
from ..errors import StoreError
from ..events import Event, read_event
from ..inbox import WORKER_STOPPED, Attempts, Backlog, Claim, End, Verdict, deliveries_of_day, from_row, take_turn
from ..logs import at
from ..operations import Routing
from ..queue import AHEAD_US
from ..registry import Activation, Earlier, Lane, Run, settings_marks, within
from ..settings import Settings
from .attempt import attempt
from .backpressure import Backpressure
from .children import HARD_LIMIT_EXIT, REDIS_EXIT, STORE_EXIT, ChildControl
from .jobs import Intake
from .lanes import LaneWorker, Neighbours
from .leases import Leases
from .observing import Observe, unobserved
from .recording import KEY_CHARS, about, delivery_of, log_pause, log_verdict, record
from .remains import Signs
from .sources import Sources

log = logging.getLogger("receiver.worker")


def handle(settings: Settings, routing: Routing, name: str, observe: Observe, control: ChildControl) -> None:
    """Attempt the runs of this handler, for all sources, until idle or told to stop.

    Where a source is changed, this process is replaced by one that knows of it.
    """
    db = store.connect(settings, reads_apart=False)
    sources = Sources(db, routing.only(name))
    try:
        activations = [a for a in sources.read() if a.state == "on" and a.handler.name == name]
    except StoreError:
        raise SystemExit(STORE_EXIT) from None
    if not activations:
        return
    process = HandlerProcess(settings, db, activations, control, observe)
    sources.watch(process.retire)
    try:
        process.work()
    except RedisError:
        raise SystemExit(REDIS_EXIT) from None
    finally:
        process.observer.end()


def inbox_name(db: store.Database) -> str:
    """Raises SystemExit where the database does not say it."""
    try:
        return store.inbox_name(db)
    except StoreError:
        raise SystemExit(STORE_EXIT) from None


def queues(inbox: str, activations: Sequence[Activation]) -> dict[str, Lane]:
    """The lanes by the names of their queues."""
    return {queue.queue_name(lane, inbox): lane for activation in activations for lane in activation.lanes()}


class HandlerProcess:
    def __init__(
        self,
        settings: Settings,
        db: store.Database,
        activations: Sequence[Activation],
        control: ChildControl,
        observe: Observe = unobserved,
    ) -> None:
        self.handler = activations[0].handler
        self.activations = {activation.source: activation for activation in activations}
        self.control = control
        self.db = db
        self.observer = observe(self.db, "")
        self.attempts = Attempts(self.db)
        self.owner = control.owner
        self.signs = Signs(settings, self.owner)
        self.leases = Leases(self.attempts, self.owner, self.handler, self.retire)
        inbox = inbox_name(self.db)
        names = queues(inbox, activations)
        self.marks = settings_marks(activations, inbox)
        redis, waker = queue.connect(settings), queue.connect(settings)
        self.claims = Backpressure()
        self.intake = Intake(redis, waker, names, self.owner, self.hand_over, self.claims.has_no_line)
        self.neighbours = Neighbours()
        threads = ThreadPoolExecutor(len(names) * self.handler.parallel, thread_name_prefix=self.handler.name)
        self.lanes = {
            name: LaneWorker(lane, self.handler, threads, self.perform, partial(self.intake.set_full, name))
            for name, lane in names.items()
        }

    def work(self) -> None:
        """Until idle or told to stop; what has begun is finished."""
        self.note_crashes()
        threading.Thread(target=self.leases.watch, daemon=True, name="lease").start()
        try:
            self.intake.work()
        finally:
            self.leave_unbegun()
            self.note_stop()
            self.finish_begun()
            self.signs.close()

    def hand_over(self, name: str, ids: Sequence[int]) -> None:
        self.lanes[name].take(ids)

    def retire(self) -> None:
        """An attempt overran, or a source was changed: end, once what has begun has ended.

        A new process goes on meanwhile.
        """
        self.control.retire()
        self.intake.end()

    def leave_unbegun(self) -> None:
        """Runs that were handed over and have not begun wait again: no job of theirs is left in Redis."""
        ids = [run for lane in self.lanes.values() for run in lane.empty()]
        if ids:
            try:
                Backlog(self.db).unqueue(ids)
            except StoreError as error:  # the dispatcher misses their jobs in a few seconds
                log.warning("runs that were handed out could not be put back: %s", error)
        self.db.nudge()

    def note_crashes(self) -> None:
        """A process before this one ended by itself: say so on the attempts that it had in hand."""
        for owner, how in self.control.crashes:
            for source, key in self.note_loss(owner, f"its process {how}"):
                delivery, name = at(f"delivery {key[:KEY_CHARS]}", source), self.handler.name
                extra = {"source": source, "delivery": key, "handler": name}
                log.error("%s at %s was lost: its process %s", delivery, name, how, extra=extra)

    def note_stop(self) -> None:
        """The worker is told to stop, and may be killed before what has begun has ended: that counts for nothing."""
        if self.leases.held and not self.leases.overran:
            self.note_loss(self.owner, WORKER_STOPPED)

    def note_loss(self, owner: str, why: str) -> list[tuple[str, str]]:
        """Sources and keys of the deliveries whose attempts it is noted on; none where the database is in trouble."""
        try:
            return self.attempts.note_loss(self.handler.name, owner, why)
        except StoreError as error:
            log.warning("it could not be noted that %s: %s", why, error)
            return []

    def finish_begun(self) -> None:
        if not self.leases.overran:
            for lane in self.lanes.values():
                lane.join()
            return
        # None takes longer than its limit and its recording; those that overran end with this process.
        while sum(lane.active for lane in self.lanes.values()) > self.leases.overdue_batches():
            time.sleep(0.05)
        not_stopped = threading.Event()  # not the intake's, which is set by now
        written = self.record(self.leases.overdue_ends(), not_stopped)
        now_ns = time.time_ns()
        for claim, verdict in written:
            log_verdict(self.handler.name, claim, verdict)
            anywhere = Lane(claim.delivery.source, self.handler.name, "")  # which target it was is not known here
            self.observer.attempted(anywhere, [(claim, verdict)], now_ns - int(self.leases.limit_s * 1e9), now_ns)
        raise SystemExit(HARD_LIMIT_EXIT)

    def perform(self, lane: Lane, ids: Sequence[int]) -> None:
        """Attempt the runs of one batch. Never raises: outcomes go to the database, nothing of them elsewhere."""
        try:
            self.perform_batch(lane, ids)
        except Exception as error:
            log.warning("a job of %s was not finished: %s", self.handler.name, type(error).__name__)
        self.db.nudge()

    def perform_batch(self, lane: Lane, ids: Sequence[int]) -> None:
        """What is not claimed is still queued in the database, with no job: it waits again in a few seconds."""
        if self.handler.pace_s and not (self.is_there(lane, ids) and self.wait_for_turn(lane)):
            return
        with self.neighbours.beside():
            suspects = self.attempt_beside_others(lane, ids)
        if suspects:
            with self.neighbours.alone():
                self.attempt_alone(lane, suspects[0])

    def attempt_beside_others(self, lane: Lane, ids: Sequence[int]) -> Sequence[int]:
        """Returns those of these runs that may end the process, where there are any: then none is attempted."""
        with self.claims.turn(lane):
            if self.intake.stop.is_set():
                return ()
            asked = time.monotonic()
            claims, suspects = self.claim(lane, ids)
        self.attempt_and_record(lane, claims, asked)
        return suspects

    def claim(self, lane: Lane, ids: Sequence[int]) -> tuple[Sequence[Claim], Sequence[int]]:
        """Where a handler takes batches, all that are queued and like these by now: many came one by one."""
        if self.handler.batch == 1:
            return self.attempts.claim_unless_suspect(ids, self.owner, store.FromNow())
        return self.attempts.claim_batch(ids, lane, self.handler.batch, self.owner, store.FromNow())

    def attempt_alone(self, lane: Lane, run: int) -> None:
        if not self.intake.stop.is_set():
            asked = time.monotonic()
            self.attempt_and_record(lane, self.attempts.claim([run], self.owner, store.FromNow()), asked)

    def attempt_and_record(self, lane: Lane, claims: Sequence[Claim], asked: float) -> None:
        if not claims:
            return
        calls = [(claim.id, claim.attempt) for claim in claims]
        with self.leases.kept(claims, asked):
            self.signs.begin(calls)
            began_ns = time.time_ns()
            ends = self.attempt_batch(lane, claims)
            ended_ns = time.time_ns()
            self.leases.attempted(claims)
            written = self.record(ends, self.intake.stop)
            self.signs.end([(claim.id, claim.attempt) for claim, _ in written])
        self.observer.attempted(lane, written, began_ns, ended_ns)
        for claim, verdict in written:
            if verdict.pause:
                log_pause(lane, verdict)
            else:
                log_verdict(self.handler.name, claim, verdict)

    def is_there(self, lane: Lane, ids: Sequence[int]) -> bool:
        """Whether a turn would be of use."""
        return self.handler.batch == 1 or self.attempts.has_batch(ids, lane, self.db.now_us())

    def wait_for_turn(self, lane: Lane) -> bool:
        """Reserve the next turn and wait for it; False where that would take long, or the worker is to stop."""
        pace_us, now_us = int(self.handler.pace_s * 1e6), self.db.now_us()
        turn_us = take_turn(self.db, lane, pace_us=pace_us, ahead_us=AHEAD_US, now_us=now_us)
        return turn_us is not None and not self.intake.stop.wait(max(0, turn_us - now_us) / 1e6)

    def attempt_batch(self, lane: Lane, claims: Sequence[Claim]) -> list[tuple[Claim, Verdict]]:
        events = {claim.id: read_event(claim.delivery) for claim in claims}
        objections = {claim.id: self.objection(lane, events[claim.id]) for claim in claims}
        accepted = [claim for claim in claims if not objections[claim.id]]
        skipped = [
            (claim, Verdict(state="skipped", result="skipped", detail=objections[claim.id]))
            for claim in claims
            if objections[claim.id]
        ]
        if not accepted:
            return skipped
        runs = [self.run_of(lane, claim, accepted) for claim in accepted]
        verdicts = attempt(partial(self.call, [events[run.id] for run in runs], runs), accepted)
        marked = [replace(each, settings_mark=self.marks[lane]) if each.pause else each for each in verdicts]
        return [*skipped, *zip(accepted, marked, strict=True)]

    def objection(self, lane: Lane, event: Event) -> str:
        """Why this event's run is skipped, or ""; a day's run is about others than the one that it stands on."""
        activation = self.activations[lane.source]
        return "" if lane in activation.daily_lanes() else activation.wanted.objection(event)

    def day(self, lane: Lane, run: int) -> list[Event]:
        """The events that this day's run is about, of those that the handler gets."""
        activation = self.activations[lane.source]
        events = [read_event(from_row(row)) for row in deliveries_of_day(self.db, lane, run)]
        return [event for event in events if activation.takes(event.event) and not activation.wanted.objection(event)]

    def call(self, events: Sequence[Event], runs: Sequence[Run]) -> Sequence[object]:
        """An outcome for each run; what the handler raises is for all.

        Requests through the toolkit end with the handler's time, as a RetryLater: the process goes on.
        """
        with within(self.handler.timeout_s):
            if self.handler.batch > 1:
                return list(self.handler.function(events, runs))
            return [self.handler.function(event, run) for event, run in zip(events, runs, strict=True)]

    def run_of(self, lane: Lane, claim: Claim, together: Sequence[Claim]) -> Run:
        """The run as the handler sees it."""
        return Run(
            id=claim.id,
            handler=self.handler.name,
            target=lane.target,
            attempt=claim.attempt,
            failures=claim.failures,
            failed_with=claim.failed_with,
            unsure=claim.attempt > 1,
            settings=self.activations[lane.source].targets[lane.target],
            delivery=claim.delivery,
            check_lease=lambda: self.leases.check([each.id for each in together]),
            earlier=lambda: [
                Earlier(event=read_event(from_row(row)), outcome=row["outcome"], received_us=row["received_us"])
                for row in self.attempts.earlier(claim.id)
            ],
            day=lambda: self.day(lane, claim.id),
        )

    def record(self, ends: Sequence[End], stop: threading.Event) -> list[End]:
        """Write down how they ended; what was written. Never raises: an end that cannot be written is lost, and said.

        Until the database answers, or `stop` is set.
        """
        try:
            written = record(self.attempts, ends, self.owner, stop)
        except Exception as error:
            lost = f"could not be recorded ({type(error).__name__}), so it is made again"
            written = []
        else:
            lost = "came after its lease was lost"
        for claim, verdict in ends:
            if claim.id not in {claim.id for claim, _ in written}:
                name, extra = self.handler.name, about(claim, self.handler.name)
                log.error("%s at %s: its end (%s) %s", delivery_of(claim), name, verdict.result, lost, extra=extra)
        return written
