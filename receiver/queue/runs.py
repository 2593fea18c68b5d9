"""Run ids to RQ, and whether Redis still has them. Nothing but ids ever goes there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from ..registry import Lane

PERFORM = "receiver.worker.jobs.perform"  # by its dotted path: this room does not import the worker
MARKER = "inboundflow:marker"  # missing means that Redis was emptied, and every queued run with it
AHEAD_US = 3_000_000  # turns at a paced target are handed out so far ahead; less than MISSING_AFTER_US in dispatch
NO_RESULT_S = 0  # a job leaves nothing behind: its outcome is in the database


def queue_name(lane: Lane, inbox: str = "") -> str:
    """Of a lane's queue; with the name of its inbox, as another receiver may be at the same Redis."""
    name = f"{lane.handler}:{lane.target}" if lane.target else lane.handler
    name = f"{lane.source}/{name}" if lane.source else name
    return f"{name}@{inbox}" if inbox else name


class RunQueue:
    """Every method raises redis.RedisError where Redis does not answer within a second.

    `inbox` is the name of the inbox whose runs these are: ids alone are the same in every inbox.
    """

    def __init__(self, redis: Redis, inbox: str = "") -> None:
        self.redis = redis
        self.inbox = inbox
        self.queues: dict[Lane, Queue] = {}

    def push(self, lane: Lane, batches: Iterable[Sequence[int]]) -> None:
        """One job for each batch of run ids. The same run twice is harmless: a claim decides."""
        queue = self.queue(lane)
        with self.redis.pipeline() as pipeline:
            for ids in batches:
                queue.enqueue_call(
                    PERFORM,
                    args=(list(ids),),
                    job_id=f"{self.inbox}-{'_'.join(map(str, ids))}".lstrip("-"),  # so `waiting` needs to read no job
                    description="runs",  # RQ would put the arguments here
                    timeout=-1,  # the worker has its own limit, which ends the process
                    result_ttl=NO_RESULT_S,
                    failure_ttl=NO_RESULT_S,
                    pipeline=pipeline,
                )
            pipeline.execute()

    def waiting(self, lane: Lane) -> set[int]:
        """Ids of the runs whose jobs wait in Redis."""
        return {int(run) for job in self.queue(lane).get_job_ids() for run in job.rpartition("-")[2].split("_")}

    def restore_marker(self) -> bool:
        """Set the marker where it is missing; whether it was, so that Redis has forgotten everything."""
        return bool(self.redis.set(self.marker, "1", nx=True))

    @property
    def marker(self) -> str:
        return f"{MARKER}:{self.inbox}" if self.inbox else MARKER

    def queue(self, lane: Lane) -> Queue:
        if lane not in self.queues:
            self.queues[lane] = Queue(queue_name(lane, self.inbox), connection=self.redis, serializer=JSONSerializer)
        return self.queues[lane]
