"""A worker machine: the dispatcher, the chores and the handlers' processes of the product, in one process of ours.

What is played is what the operating system and RQ do: processes end, jobs are popped, threads get their turn.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any

from redis import Redis
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import as_text

from receiver import store
from receiver.dispatch import Dispatcher
from receiver.errors import StoreError
from receiver.inbox import Attempts, Backlog, is_leader
from receiver.queue import RunQueue
from receiver.registry import Activation, Lane
from receiver.settings import Settings
from receiver.store import Database, inbox_name
from receiver.worker.abandoned import TakeOver
from receiver.worker.children import ChildControl, Heartbeat
from receiver.worker.handling import HandlerProcess
from receiver.worker.lanes import LaneWorker

from .clock import Clock, Waiting
from .reach import Killed, Reach

NUMBERS = itertools.count(1)


class Line:
    """In place of the threads: what they would do, one batch after another, when the sequence says so."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def submit(self, fill_slot: Callable[[], None]) -> Future[None]:
        lane: LaneWorker = fill_slot.__self__  # type: ignore[attr-defined]

        def attempt_next() -> None:
            if batch := lane.next_batch():
                lane.perform(lane.lane, batch)
                self.waiting.append(attempt_next)

        self.waiting.append(attempt_next)
        return Future()


class Process(HandlerProcess):
    """A handler's process, at a database that it reaches through `reach`."""

    def __init__(
        self, settings: Settings, activations: Sequence[Activation], control: ChildControl, reach: Reach
    ) -> None:
        db = store.connect(settings, reads_apart=False)
        super().__init__(settings, db, activations, control)
        db.close()
        self.db: Any = reach
        self.reach = reach
        self.attempts = self.leases.attempts = Attempts(self.db)
        self.intake.stop = Waiting(reach.clock)
        self.line = Line()
        for lane in self.lanes.values():
            lane.threads = self.line  # type: ignore[assignment]
        self.frozen = False
        self.stopped = False  # told to stop during an attempt, and killed before that had ended

    @property
    def is_gone(self) -> bool:
        return self.reach.killed or self.frozen

    def take(self, redis: Redis, jobs: int) -> None:
        """As RQ does it: from lanes that have room, a few jobs of each."""
        for name in self.lanes:
            queue = Queue(name, connection=redis, serializer=JSONSerializer)
            for _ in range(jobs):
                if self.intake.keys[name] in self.intake.full or (job := pop(queue, redis)) is None:
                    break
                self.hand_over(name, job)

    def perform_all(self) -> None:
        """What has been handed over. Raises Killed."""
        while self.line.waiting:
            self.line.waiting.pop(0)()

    def age(self, seconds: float) -> None:
        """Time has passed, in which it renewed its leases unless it was frozen."""
        for held in self.leases.held.values():
            held.until -= seconds
        if not self.is_gone and self.leases.held:
            with contextlib.suppress(StoreError, Killed):
                self.leases.renew()


def pop(queue: Queue, redis: Redis) -> list[int] | None:
    while job_id := as_text(redis.lpop(queue.key) or b""):
        with contextlib.suppress(NoSuchJobError):
            job = Job.fetch(job_id, connection=redis, serializer=JSONSerializer)
            job.delete()
            return list(job.args[0])
    return None


class Machine:
    def __init__(
        self, number: int, settings: Settings, redis: Redis, clock: Clock, open_database: Callable[[], Database]
    ) -> None:
        self.number = number
        self.settings = settings
        self.redis = redis
        self.clock = clock
        self.open_database = open_database
        self.busy = 0  # attempts under way
        self.outdated = False  # its variables have changed since it was started

    def start(self, activations: Sequence[Activation]) -> None:
        self.db = self.open_database()
        self.activations = activations
        self.outdated = False
        self.worker_id = f"worker-{next(NUMBERS)}"
        self.processes: dict[str, Process] = {}
        self.crashes: dict[str, list[tuple[str, str]]] = {}
        self.start_dispatcher()
        self.start_chores()

    def start_dispatcher(self) -> None:
        self.dispatching: Any = Reach(self.db, self.clock)
        backlog, runs = Backlog(self.dispatching), RunQueue(self.redis, inbox_name(self.db))
        self.dispatcher = Dispatcher(backlog, runs, self.activations, self.worker_id)

    def start_chores(self) -> None:
        self.choring: Any = Reach(self.db, self.clock)
        self.take_over = TakeOver(self.choring, self.activations, steady_us=self.clock.steady_us)

    def lanes(self) -> list[Lane]:
        return [lane for each in self.activations if each.state == "on" for lane in each.lanes()]

    def process(self, handler: str) -> Process | None:
        """The handler's process, started where it does not run; None where the handler is not on."""
        on = [each for each in self.activations if each.state == "on" and each.handler.name == handler]
        if on and handler not in self.processes:
            crashes = self.crashes.pop(handler, [])
            heartbeat = Heartbeat()
            heartbeat.close()
            control = ChildControl(heartbeat, 0, crashes)
            self.processes[handler] = Process(self.settings, on, control, Reach(self.db, self.clock))
            self.processes[handler].note_crashes()
        return self.processes.get(handler) if on else None

    def forget(self, process: Process) -> None:
        """It was killed: the parent notices, and tells the next one of that name."""
        name = process.handler.name
        if self.processes.get(name) is process:
            del self.processes[name]
            self.crashes.setdefault(name, []).append((process.owner, "ended (SIGKILL)"))

    def tick(self) -> None:
        """The dispatcher's turn, with what it looks at once a second. Its death ends nothing but itself."""
        self.dispatcher.renewed_at = -100.0
        self.dispatcher.redis_failed_at = None
        try:
            with contextlib.suppress(StoreError):
                self.dispatcher.tick()
        except Killed:
            self.start_dispatcher()

    def do_chores(self) -> None:
        try:
            with contextlib.suppress(StoreError):
                if is_leader(self.choring, self.worker_id):
                    self.take_over()
        except Killed:
            self.start_chores()

    def reaches(self) -> Iterator[Reach]:
        yield from (self.dispatching, self.choring)
        yield from (process.reach for process in self.processes.values())

    def kill(self) -> None:
        """All of its processes at once."""
        for reach in self.reaches():
            reach.killed = True
        self.db.close()

    def stop(self) -> None:
        """As it ends in order, but for attempts that take too long: they are killed."""
        for process in self.processes.values():
            process.leave_unbegun()
            process.note_stop()
            process.stopped = bool(process.leases.held)
        with contextlib.suppress(StoreError):
            self.dispatcher.release()
        self.kill()
