"""Redis: whether runs can be handed out, and stay there until a worker takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpcore
import httpx
from redis import RedisError

from .. import queue
from ..operations import Finding, advice, command, fine, problem
from ..settings import Settings
from ..toolkit import is_public, resolve, within

CALL_TIMEOUT_S = 3  # a Redis across the internet, its TLS included
FULL = 0.9
MIB = 1024 * 1024


def check_redis(settings: Settings) -> Iterator[Finding]:
    if not settings.redis_url and not settings.redis_socket.exists():
        yield advice(
            "Redis",
            f"REDIS_URL is not set, and `{command('up')}` does not run here",
            why=f"`{command('up')}` brings a Redis of its own; a worker by itself needs one",
            do=f"start {command('up')}, or set REDIS_URL",
        )
        return
    yield from in_the_clear(settings.redis_url)
    if message := queue.check(settings, timeout_s=CALL_TIMEOUT_S):
        yield problem(
            "Redis", message, why="deliveries are kept, and wait until it is fixed", do="do that where Redis is set up"
        )
        return
    try:
        with queue.connect(settings, timeout_s=CALL_TIMEOUT_S) as redis:
            about = queue.server_info(redis)
    except (RedisError, OSError, ValueError) as error:
        yield problem("Redis", queue.problem(error), do="see that REDIS_URL leads to a Redis that answers")
        return
    if not about:
        yield fine("Redis", "it answers; this user may not ask it (INFO) whether it drops anything")
        return
    yield from nearly_full(about) or [fine("Redis", f"version {about.get('redis_version')} answers, and drops nothing")]


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
            "REDIS_URL leads across the internet without TLS",
            why="its password can be read on the way, and the queue emptied with it",
            do="take the provider's rediss:// address, or the one inside its own network",
        )


def nearly_full(about: Mapping[str, Any]) -> list[Finding]:
    limit = about.get("maxmemory")
    if not limit or about["used_memory"] <= FULL * limit:
        return []
    return [
        problem(
            "Redis",
            f"{about['used_memory'] / MIB:.1f} of its {limit / MIB:.1f} MB are used",
            why="when it is full no run can be handed out",
            do="give it more, or find out what fills it",
        )
    ]
