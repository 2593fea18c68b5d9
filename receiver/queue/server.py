"""Redis: how it is reached, and what is wrong with it, in a sentence."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.exceptions import AskError, ClusterCrossSlotError, ClusterError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeout
from redis.retry import Retry

from ..errors import ConfigurationError
from ..settings import Settings

SCHEMES = ("redis", "rediss", "unix")
PROBE = "inboundflow:probe"
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
