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
from ..locales import Texts
from ..settings import Settings

SCHEMES = ("redis", "rediss", "unix")
PROBE = "inboundflow:probe"
REDIS_TIMEOUT_S = 1  # the dispatcher has other things to do than wait for a hung Redis
OF_A_CLUSTER = (ClusterError, ClusterCrossSlotError, AskError)  # AskError has MovedError below it
# fmt: off
TEXTS = Texts({
    "unreadable": ("REDIS_URL cannot be read. It should look like redis://user:password@host:6379/0, with rediss:// "
                   "for TLS; signs such as / or # in the password are written as %2F and %23.",
                   "No se puede leer REDIS_URL. Debe ser como redis://usuario:contraseña@host:6379/0, con rediss:// "
                   "para TLS; signos como / o # en la contraseña se escriben %2F y %23."),
    "cluster":   ("Redis is a cluster, which cannot be used: REDIS_URL should lead to a Redis that is none",
                  "Redis es un clúster, y no se puede usar: REDIS_URL debe llevar a un Redis que no lo sea"),
    "refused":   ("Redis refuses the password in REDIS_URL", "Redis rechaza la contraseña de REDIS_URL"),
    "asked":     ("Redis asks for a password: REDIS_URL should hold it",
                  "Redis pide una contraseña: REDIS_URL debe llevarla"),
    "unasked":   ("REDIS_URL holds a password, and Redis has none",
                  "REDIS_URL lleva una contraseña, y Redis no tiene ninguna"),
    "full":      ("Redis is out of memory: give it more, or find out what fills it",
                  "Redis se quedó sin memoria: dale más, o averigua qué lo llena"),
    "replica":   ("Redis is read-only: REDIS_URL leads to a replica",
                  "Redis es de solo lectura: REDIS_URL lleva a una réplica"),
    "loading":   ("Redis is still loading its data", "Redis está cargando todavía sus datos"),
    "clients":   ("Redis takes no more connections", "Redis no acepta más conexiones"),
    "disk":      ("Redis cannot write to its disk, and so takes nothing more",
                  "Redis no puede escribir en su disco, así que no acepta nada más"),
    "untrusted": ("Redis's certificate is signed by nobody who is known here",
                  "El certificado de Redis no lo firma nadie que se conozca aquí"),
    "silent":    ("Redis does not answer within a second", "Redis no responde en un segundo"),
    "unreached": ("Redis cannot be reached (does it run, and does REDIS_URL lead to it?)",
                  "No se puede llegar a Redis (¿está en marcha, y lleva REDIS_URL hasta él?)"),
    "other":     ("Redis refuses what it is asked ({error})", "Redis rechaza lo que se le pide ({error})"),
    "drops":     ("Redis may drop runs when its memory is full ({policy}): set its maxmemory-policy to noeviction",
                  "Redis puede descartar envíos cuando se llena su memoria ({policy}): pon su maxmemory-policy en "
                  "noeviction"),
    "old":       ("Redis is too old: it should be version 6 or newer",
                  "Redis es demasiado antiguo: debe ser la versión 6 o una posterior"),
})
# fmt: on
PROBLEMS = {  # what Redis says, or its client
    "WRONGPASS": "refused",
    "NOAUTH": "asked",
    "already authenticated": "asked",
    "invalid username-password": "refused",
    "without any password configured": "unasked",
    "OOM": "full",
    "maxmemory": "full",
    "read only": "replica",
    "READONLY": "replica",
    "loading": "loading",
    "max number of clients": "clients",
    "MISCONF": "disk",
    "CERTIFICATE_VERIFY_FAILED": "untrusted",
    "'HELLO'": "old",
    "`HELLO`": "old",
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
        raise ConfigurationError(TEXTS("unreadable"))


def problem(error: BaseException) -> str:
    """What is wrong with Redis and what to do, in a sentence without the address, which may hold a password."""
    if isinstance(error, OF_A_CLUSTER):
        return TEXTS("cluster")
    text = str(error)
    for mark, name in PROBLEMS.items():
        if mark in text:
            return TEXTS(name)
    if isinstance(error, RedisTimeout | TimeoutError):
        return TEXTS("silent")
    if isinstance(error, RedisConnectionError | OSError):
        return TEXTS("unreached")
    return TEXTS("other", error=type(error).__name__)


def check(settings: Settings, *, timeout_s: float) -> str:
    """What is wrong with Redis, in a sentence; "" where runs can be handed out."""
    try:
        check_url(settings)
        with connect(settings, timeout_s=timeout_s) as redis:
            redis.set(PROBE, "1", ex=1)
            about = server_info(redis, "memory") | server_info(redis, "cluster")
    except ConfigurationError as error:
        return str(error.args[0])
    except (RedisError, OSError, ValueError) as error:
        return problem(error)
    if about.get("cluster_enabled"):
        return TEXTS("cluster")
    policy = about.get("maxmemory_policy", "noeviction")
    if about.get("maxmemory") and policy != "noeviction":
        return TEXTS("drops", policy=str(policy))
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
