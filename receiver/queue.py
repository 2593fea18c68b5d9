"""Run ids to RQ, and whether Redis still has them. Nothing but ids ever goes there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.exceptions import AskError, ClusterCrossSlotError, ClusterError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeout
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from .errors import ConfigurationError
from .registry import Lane
from .settings import Settings

SCHEMES = ("redis", "rediss", "unix")
PERFORM = "receiver.worker.jobs.perform"  # by its dotted path: this room does not import the worker
PROBE = "inboundflow:probe"
MARKER = "inboundflow:marker"  # missing means that Redis was emptied, and every queued run with it
AHEAD_US = 3_000_000  # turns at a paced target are handed out so far ahead; less than MISSING_AFTER_US in dispatch
REDIS_TIMEOUT_S = 1  # the dispatcher has other things to do than wait for a hung Redis
CLUSTER = "Redis is a cluster, which cannot be used: REDIS_URL should lead to a Redis that is none"
OF_A_CLUSTER = (ClusterError, ClusterCrossSlotError, AskError)  # AskError has MovedError below it
PROBLEMS = {  # what Redis says, or its client
    "WRONGPASS": "Redis refuses the password in REDIS_URL",
    "NOAUTH": "Redis asks for a password: REDIS_URL should hold it",
    "already authenticated": "Redis asks for a password: REDIS_URL should hold it",
    "invalid username-password": "Redis refuses the password in REDIS_URL",
    "without any password configured": "REDIS_URL holds a password, and Redis has none",
    "OOM": "Redis is out of memory: give it more, or find out what fills it",
    "maxmemory": "Redis is out of memory: give it more, or find out what fills it",
    "read only": "Redis is read-only: REDIS_URL leads to a replica",
    "READONLY": "Redis is read-only: REDIS_URL leads to a replica",
    "loading": "Redis is still loading its data",
    "max number of clients": "Redis takes no more connections",
    "MISCONF": "Redis cannot write to its disk, and so takes nothing more",
    "CERTIFICATE_VERIFY_FAILED": "Redis's certificate is signed by nobody who is known here",
    "'HELLO'": "Redis is too old: it should be version 6 or newer",
    "`HELLO`": "Redis is too old: it should be version 6 or newer",
}
NO_RESULT_S = 0  # a job leaves nothing behind: its outcome is in the database


def connect(settings: Settings, *, timeout_s: float = REDIS_TIMEOUT_S) -> Redis:
    """A client that gives up soon and tries nothing twice. Connects at its first command."""
    options: dict[str, Any] = {
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "retry": Retry(NoBackoff(), retries=0),
    }
    if not settings.redis_url:  # as a path: in a URL some signs would mean something
        return Redis(unix_socket_path=str(settings.redis_socket), **options)
    if settings.platform == "Heroku" and settings.redis_url.startswith("rediss:"):
        options["ssl_cert_reqs"] = None  # Heroku's certificates are signed by themselves
    return Redis.from_url(settings.redis_url, **options)


def check_url(settings: Settings) -> None:
    """Raises ConfigurationError where REDIS_URL cannot be read, without a piece of it: it may hold a password."""
    url = settings.redis_url
    try:
        parts = urlsplit(url)
        odd = parts.fragment or (parts.scheme != "unix" and "@" in parts.path + parts.query)
        readable = not url or (parts.scheme in SCHEMES and not odd)
        connect(settings).connection_pool.make_connection()  # connects to nothing yet
    except (ValueError, TypeError):
        readable = False
    if not readable:
        raise ConfigurationError(
            "REDIS_URL cannot be read. It should look like redis://user:password@host:6379/0, with rediss:// for TLS; "
            "signs such as / or # in the password are written as %2F and %23."
        )


def problem(error: BaseException) -> str:
    """What is wrong with Redis and what to do, in a sentence without the address, which may hold a password."""
    if isinstance(error, OF_A_CLUSTER):
        return CLUSTER
    text = str(error)
    for mark, sentence in PROBLEMS.items():
        if mark in text:
            return sentence
    if isinstance(error, RedisTimeout | TimeoutError):
        return "Redis does not answer within a second"
    if isinstance(error, RedisConnectionError | OSError):
        return "Redis cannot be reached"
    return f"Redis refuses what it is asked ({type(error).__name__})"


def check(settings: Settings, *, timeout_s: float) -> str:
    """What is wrong with Redis, in a sentence; "" where runs can be handed out."""
    try:
        check_url(settings)
        with connect(settings, timeout_s=timeout_s) as redis:
            redis.set(PROBE, "1", ex=1)
            about = server_info(redis, "memory") | server_info(redis, "cluster")
    except ConfigurationError as error:
        return str(error).removesuffix(".")
    except (RedisError, OSError, ValueError) as error:
        return problem(error)
    if about.get("cluster_enabled"):
        return CLUSTER
    policy = about.get("maxmemory_policy", "noeviction")
    if about.get("maxmemory") and policy != "noeviction":
        return f"Redis may drop runs when its memory is full ({policy}): set its maxmemory-policy to noeviction"
    return ""


def server_info(redis: Redis, section: str = "default") -> dict[str, Any]:
    """What Redis says of itself; nothing where this user may not ask, as only advice depends on it."""
    try:
        info: dict[str, Any] = redis.info(section)
        return info
    except ResponseError as error:
        if "NOPERM" in str(error) or "permission" in str(error) or "unknown command" in str(error):
            return {}
        raise


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
