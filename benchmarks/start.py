"""How long the receiver takes to start, and what it holds open at rest. Run: python -m benchmarks.start"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import redis

from tests.support.processes import free_port, is_healthy, started, until

from .contenders import CHECKOUT, SECRET, ours
from .places import DISK, running

TIMES = 7
SETTLE_S = 5
OURS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'inboundflow-receiver'"
COMMANDS = (["--help"], ["replay", "--help"], ["deliveries", "--help"])


def main() -> None:
    DISK.mkdir(parents=True, exist_ok=True)
    for command in ("web", "up"):
        print(f"receiver {command}, from exec to the first 200: {medians(lambda c=command: first_answer(c))}")
    for arguments in COMMANDS:
        print(f"receiver {' '.join(arguments)}: {medians(lambda a=arguments: runs(a))}")
    print(connections())


def medians(measure: Callable[[], float]) -> str:
    took = [measure() for _ in range(TIMES)]
    return f"{statistics.median(took):.2f} s (of {TIMES}, {min(took):.2f} to {max(took):.2f})"


def first_answer(command: str) -> float:
    """In seconds, with an inbox that is made anew."""
    port = free_port()
    with tempfile.TemporaryDirectory(dir=DISK, prefix="start-", ignore_cleanup_errors=True) as folder:
        env = {"DATA_DIR": folder, "PORT": str(port), "INBOUNDFLOW_SIGNING_SECRET": SECRET}
        with open(Path(folder) / "output", "w") as output:
            began = time.monotonic()
            with started("-m", "receiver", command, env=env, stdout=output, stderr=output) as process:
                until(lambda: is_healthy(port), within_s=60, what="the first answer")
                took = time.monotonic() - began
                process.terminate()
                process.wait(30)
    return took


def runs(arguments: list[str]) -> float:
    """In seconds, from exec to its end."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "receiver", *arguments], cwd=CHECKOUT, check=True, capture_output=True)
    return time.monotonic() - began


def connections() -> str:
    """Of `receiver up` at default settings with one destination on, to a Postgres and a Redis of its own."""
    postgres = next(each for each in ours() if "postgres" in each.needs)
    sink = f"http://127.0.0.1:{free_port()}"  # nobody listens: nothing is delivered
    forwards = {"FORWARD_URL": sink, "FORWARD_SIGNING_SECRET": SECRET, "FORWARD_ALLOW_HOSTS": "127.0.0.1"}
    with running(replace(postgres, needs=["postgres", "redis"], env=forwards)) as place:
        time.sleep(SETTLE_S)
        with psycopg.connect(place.postgres_url) as server:
            [to_postgres] = server.execute(OURS).fetchone() or [0]
        with redis.Redis.from_url(place.redis_url) as queue:
            to_redis = len(queue.client_list()) - 1  # this one
    return f"receiver up at rest: {to_postgres} connections to Postgres, {to_redis} to Redis"


if __name__ == "__main__":
    sys.exit(main())
