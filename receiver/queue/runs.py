"""Run ids to RQ, and whether Redis still has them. Nothing but ids ever goes there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from redis import Redis
from redis.client import Pipeline
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
        self.push_all({lane: batches})

    def push_all(self, batches: Mapping[Lane, Iterable[Sequence[int]]]) -> None:
        """The same in several lanes, in one round trip."""
        with self.redis.pipeline() as pipeline:
            for lane, of_lane in batches.items():
                for ids in of_lane:
                    self.enqueue(lane, ids, pipeline)
            pipeline.execute()

    def enqueue(self, lane: Lane, ids: Sequence[int], pipeline: Pipeline) -> None:
        self.queue(lane).enqueue_call(
            PERFORM,
            args=(list(ids),),
            job_id=f"{self.inbox}-{'_'.join(map(str, ids))}".lstrip("-"),  # so `waiting` needs to read no job
            description="runs",  # RQ would put the arguments here
            timeout=-1,  # the worker has its own limit, which ends the process
            result_ttl=NO_RESULT_S,
            failure_ttl=NO_RESULT_S,
            pipeline=pipeline,
        )

    def waiting(self, lane: Lane) -> set[int]:
        """Ids of the runs whose jobs wait in Redis."""
        return self.waiting_in([lane])[lane]

    def waiting_in(self, lanes: Collection[Lane]) -> dict[Lane, set[int]]:
        """The same of several lanes, in one round trip."""
        if not lanes:
            return {}
        with self.redis.pipeline(transaction=False) as pipeline:
            for lane in lanes:
                pipeline.lrange(self.queue(lane).key, 0, -1)
            jobs = pipeline.execute()
        return {lane: runs_in(of_lane) for lane, of_lane in zip(lanes, jobs, strict=True)}

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


def runs_in(jobs: Iterable[bytes]) -> set[int]:
    """Ids of the runs of these jobs, as their names tell."""
    return {int(run) for job in jobs for run in job.decode().rpartition("-")[2].split("_")}
