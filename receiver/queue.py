"""Run ids to RQ, and whether Redis still has them. Nothing but ids ever goes there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

PERFORM = "receiver.worker.child.perform"  # by its dotted path: this room does not import the worker
MARKER = "inboundflow:marker"  # missing means that Redis was emptied, and every queued run with it
CALL_TIMEOUT_S = 1  # the dispatcher has other things to do than wait for a hung Redis
NO_RESULT_S = 0  # a job leaves nothing behind: its outcome is in the database


def connect(url: str, *, timeout_s: float = CALL_TIMEOUT_S) -> Redis:
    """A client that gives up soon and tries nothing twice. Connects at its first command."""
    return Redis.from_url(
        url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), retries=0)
    )


def queue_name(handler: str, target: str) -> str:
    return f"{handler}:{target}" if target else handler


class RunQueue:
    """Every method raises redis.RedisError where Redis does not answer within a second."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.queues: dict[str, Queue] = {}

    def push(self, handler: str, target: str, batches: Iterable[Sequence[int]]) -> None:
        """One job for each batch of run ids. The same run twice is harmless: a claim decides."""
        queue = self.queue(handler, target)
        with self.redis.pipeline() as pipeline:
            for ids in batches:
                queue.enqueue_call(
                    PERFORM,
                    args=(list(ids),),
                    job_id="_".join(map(str, ids)),  # so that `waiting` needs to read no job
                    description="runs",  # RQ would put the arguments here
                    timeout=-1,  # the worker has its own limit, which ends the process
                    result_ttl=NO_RESULT_S,
                    failure_ttl=NO_RESULT_S,
                    pipeline=pipeline,
                )
            pipeline.execute()

    def waiting(self, handler: str, target: str) -> set[int]:
        """Ids of the runs whose jobs wait in Redis."""
        return {int(run) for job in self.queue(handler, target).get_job_ids() for run in job.split("_")}

    def was_emptied(self) -> bool:
        """Whether Redis forgot everything since the last call. The marker is set again."""
        return bool(self.redis.set(MARKER, "1", nx=True))

    def queue(self, handler: str, target: str) -> Queue:
        name = queue_name(handler, target)
        if name not in self.queues:
            self.queues[name] = Queue(name, connection=self.redis, serializer=JSONSerializer)
        return self.queues[name]
