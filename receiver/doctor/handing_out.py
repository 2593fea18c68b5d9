"""Redis and the worker: whether what is kept also reaches its destinations."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from redis import RedisError

from .. import inbox, queue
from ..errors import StoreError
from ..settings import Settings
from .finding import Finding, advice, fine, problem

CALL_TIMEOUT_S = 3  # a Redis across the internet, its TLS included
OLDEST = 5  # the first Redis that RQ takes
FULL = 0.9
WAITED_US = 60_000_000  # a worker opens a delivery's runs within a second; one that restarts is back in a minute


def check_redis(settings: Settings) -> Iterator[Finding]:
    if not settings.redis_url and not settings.redis_socket.exists():
        yield advice(
            "Redis",
            "REDIS_URL is not set, and `receiver up` does not run here",
            why="`receiver up` brings a Redis of its own; a worker by itself needs one",
            do="start receiver up, or set REDIS_URL",
        )
        return
    if said := queue.check(settings, timeout_s=CALL_TIMEOUT_S):
        yield problem(
            "Redis", said, why="deliveries are kept, and wait until it is mended", do="do that where Redis is set up"
        )
        return
    try:
        with queue.connect(settings, timeout_s=CALL_TIMEOUT_S) as redis:
            about = redis.info()
    except (RedisError, OSError, ValueError) as error:
        yield problem("Redis", queue.problem(error), do="see that REDIS_URL leads to a Redis that answers")
        return
    version = str(about.get("redis_version", ""))
    if version.partition(".")[0].isdigit() and int(version.partition(".")[0]) < OLDEST:
        yield problem("Redis", f"it is version {version}", do=f"take version {OLDEST} or newer")
    if about.get("maxmemory") and about["used_memory"] > FULL * about["maxmemory"]:
        yield problem("Redis", "its memory is nearly full", do="give it more, or find out what fills it")
    yield fine("Redis", f"version {version} answers, and drops nothing")


def check_worker(settings: Settings) -> Iterator[Finding]:
    if not settings.database_url and not settings.database_path.exists():
        return
    with contextlib.closing(inbox.connect(settings)) as db, contextlib.suppress(StoreError):
        now_us = db.now_us()
        [row] = db.read(
            "SELECT count(*) AS waiting FROM deliveries WHERE dispatched_us IS NULL AND received_us < ?",
            (now_us - WAITED_US,),
        )
        led = db.read("SELECT 1 AS one FROM leases WHERE until_us > ?", (now_us,))
        if row["waiting"] and not led:
            yield problem(
                "worker",
                f"none runs, and {row['waiting']} deliveries wait for it",
                why="InboundFlow was told that they arrived, and nobody has seen them",
                do="start it: receiver worker (on Heroku: heroku ps:scale worker=1)",
            )
        elif led:
            yield fine("worker", "one runs")
