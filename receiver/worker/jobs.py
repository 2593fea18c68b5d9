"""RQ's worker, as a handler's child uses it: it pops the jobs of lanes that have room, and hands them over."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from redis import Redis, RedisError
from rq import Queue
from rq.exceptions import DequeueTimeout, StopRequested
from rq.serializers import JSONSerializer
from rq.utils import as_text

from .job_worker import HandOver, JobWorker

IDLE_S = 60  # a child without work ends after this long
LOOK_EVERY_S = 0.5  # whether to stop, while there is no room
RQ_TTL_S = 20  # makes RQ wait for a job for 5 s (15 s less), and its socket time-out 15 s (10 s more than that)


class Intake:
    """The jobs of one process: `hand_over` gets the queue's name and the run ids, and returns at once.

    A lane that is full is not popped, so that what waits for it stays in Redis and holds no other lane up. RQ blocks
    in one BLPOP over all queues, and cannot be told meanwhile that a lane has room again: so it waits at one list more,
    and a push there wakes it. None is popped while `has_room` is not set.
    """

    def __init__(
        self,
        redis: Redis,
        waker: Redis,
        names: Collection[str],
        owner: str,
        hand_over: HandOver,
        has_room: threading.Event,
    ) -> None:
        self.redis = redis  # RQ's, whose time-outs RQ raises
        self.waker = waker
        self.hand_over = hand_over
        self.has_room = has_room
        self.names = [*names, f"wake:{owner}"]
        self.wake_key = Queue(self.names[-1], connection=redis).key
        self.keys = {name: Queue(name, connection=redis).key for name in names}
        self.full: set[str] = set()  # keys of lanes without room
        self.passed_over: set[str] = set()  # of those, the ones that the present BLPOP leaves out
        self.mutex = threading.Lock()
        self.stop = threading.Event()

    def work(self) -> None:
        """Until idle or told to stop."""
        worker = JobWorker(
            self.names,
            connection=self.redis,
            serializer=JSONSerializer,
            queue_class=self.queue_class(),
            worker_ttl=RQ_TTL_S,
            log_job_description=False,
            hand_over=self.hand_over,
            on_stop=self.stop.set,
        )
        # The dispatcher tells of Redis, once. In turn, so that a busy lane holds up no other.
        worker.work(max_idle_time=IDLE_S, logging_level="CRITICAL", dequeue_strategy="round_robin")

    def queue_class(intake) -> type[Queue]:
        class LaneQueue(Queue):
            @classmethod
            def lpop(cls, queue_keys: Sequence[str], timeout: int | None, connection: Redis | None = None) -> Any:
                return intake.pop(queue_keys, timeout or 1)

        return LaneQueue

    def pop(self, keys: Sequence[str], timeout_s: float) -> tuple[str | bytes, str | bytes]:
        """The next job of a lane with room. Raises DequeueTimeout, StopRequested."""
        deadline = time.monotonic() + timeout_s
        while (left_s := deadline - time.monotonic()) > 0:
            if self.stop.is_set():
                raise StopRequested
            if not self.has_room.wait(min(left_s, LOOK_EVERY_S)):
                continue
            with self.mutex:
                self.passed_over = set(self.full)
            popped = self.redis.blpop([key for key in keys if key not in self.passed_over], math.ceil(left_s))
            if popped and as_text(popped[0]) != self.wake_key:
                return popped[0], popped[1]
        raise DequeueTimeout(timeout_s, keys)

    def set_full(self, name: str, full: bool) -> Callable[[], None]:
        """Note whether the lane of this queue has no room for another job. Returns what is to be called then."""
        key = self.keys[name]
        with self.mutex:
            if full:
                self.full.add(key)
                return do_nothing
            self.full.discard(key)
            if key not in self.passed_over:
                return do_nothing
            self.passed_over.clear()  # once is enough: the next pop is at all that have room
            return self.wake

    def end(self) -> None:
        """Pop no more jobs: `work` returns."""
        self.stop.set()
        self.wake()

    def wake(self) -> None:
        with contextlib.suppress(RedisError), self.waker.pipeline() as pipeline:  # without Redis nobody waits there
            pipeline.lpush(self.wake_key, 1)
            pipeline.expire(self.wake_key, IDLE_S)
            pipeline.execute()


def do_nothing() -> None:
    pass


def perform(ids: Sequence[int]) -> None:
    """What a job names as its function. Nobody calls it: JobWorker hands the ids over."""
