"""Redis: whether runs can be handed out, and stay there until a worker takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpcore
import httpx
from redis import RedisError

from .. import queue
from ..locales import Texts
from ..operations import Finding, advice, command, fine, problem
from ..settings import Settings
from ..toolkit import is_public, resolve, within

CALL_TIMEOUT_S = 3  # a Redis across the internet, its TLS included
FULL = 0.9
MIB = 1024 * 1024
# fmt: off
TEXTS = Texts({
    "unset":      ("REDIS_URL is not set, and `{up}` does not run here",
                   "REDIS_URL no está definida, y `{up}` no está en marcha aquí"),
    "unset_why":  ("`{up}` brings a Redis of its own; a worker by itself needs one",
                   "`{up}` trae su propio Redis; un worker por sí solo necesita uno"),
    "unset_do":   ("start {up}, or set REDIS_URL", "arranca {up}, o define REDIS_URL"),
    "waits":      ("deliveries are kept, and wait until it is fixed",
                   "las entregas se guardan y esperan hasta que se corrija"),
    "there":      ("fix that where Redis is set up", "corrígelo donde se configura Redis"),
    "unreached_do": ("see that REDIS_URL leads to a Redis that answers",
                     "comprueba que REDIS_URL lleva a un Redis que responde"),
    "silent":     ("it answers; this user may not ask it (INFO) whether it drops anything",
                   "responde; este usuario no puede preguntarle (INFO) si descarta algo"),
    "fine":       ("version {version} answers, and drops nothing", "responde la versión {version}, y no descarta nada"),
    "clear":      ("REDIS_URL leads across the internet without TLS", "REDIS_URL cruza internet sin TLS"),
    "clear_why":  ("its password can be read on the way, and the queue emptied with it",
                   "su contraseña se puede leer por el camino, y vaciar con ella la cola"),
    "clear_do":   ("take the provider's rediss:// address, or the one inside its own network",
                   "usa la dirección rediss:// del proveedor, o la de su red interna"),
    "full":       ("{used} of its {limit} MB are used", "se usan {used} de sus {limit} MB"),
    "full_why":   ("when it is full no run can be handed out", "cuando está lleno no se puede repartir ningún envío"),
    "full_do":    ("give it more, or find out what fills it", "dale más, o averigua qué lo llena"),
})
# fmt: on


def check_redis(settings: Settings) -> Iterator[Finding]:
    if not settings.redis_url and not settings.redis_socket.exists():
        up = command("up")
        yield advice("Redis", TEXTS("unset", up=up), why=TEXTS("unset_why", up=up), do=TEXTS("unset_do", up=up))
        return
    yield from in_the_clear(settings.redis_url)
    if message := queue.check(settings, timeout_s=CALL_TIMEOUT_S):
        yield problem("Redis", message, why=TEXTS("waits"), do=TEXTS("there"))
        return
    try:
        with queue.connect(settings, timeout_s=CALL_TIMEOUT_S) as redis:
            about = queue.server_info(redis)
    except (RedisError, OSError, ValueError) as error:
        yield problem("Redis", queue.problem(error), do=TEXTS("unreached_do"))
        return
    if not about:
        yield fine("Redis", TEXTS("silent"))
        return
    yield from nearly_full(about) or [fine("Redis", TEXTS("fine", version=str(about.get("redis_version"))))]


def in_the_clear(url: str) -> Iterator[Finding]:
    """A password that crosses the internet without TLS; whoever has it reads and empties the queue."""
    if not url.startswith("redis://"):
        return
    try:
        parts = httpx.URL(url)
        with within(CALL_TIMEOUT_S):
            addresses = resolve(parts.host, parts.port or 6379)
    except (httpx.InvalidURL, httpcore.NetworkError, httpcore.TimeoutException):
        return  # what asks it next says so
    if any(map(is_public, addresses)):
        yield problem(
            "Redis",
            TEXTS("clear"),
            why=TEXTS("clear_why"),
            do=TEXTS("clear_do"),
        )


def nearly_full(about: Mapping[str, Any]) -> list[Finding]:
    limit = about.get("maxmemory")
    if not limit or about["used_memory"] <= FULL * limit:
        return []
    return [
        problem(
            "Redis",
            TEXTS("full", used=f"{about['used_memory'] / MIB:.1f}", limit=f"{limit / MIB:.1f}"),
            why=TEXTS("full_why"),
            do=TEXTS("full_do"),
        )
    ]
