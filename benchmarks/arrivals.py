"""How long a delivery takes from its ack to its arrival at a forward target: python -m benchmarks.arrivals

Deliveries come at a steady pace, each when it should, whatever the others do. The target answers after so many
milliseconds; an arrival is when a request's headers are there, before that wait.
"""

from __future__ import annotations

import argparse
import contextlib
import http.server
import random
import socketserver
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mock_sender import payloads, sender
from tests.support.postgres import Server as Postgres
from tests.support.processes import CHECKOUT, free_port, is_ready, started, until

SECRET = "the secret of the arrivals"
DIRECTORY = CHECKOUT / "var" / "benchmarks"
SENDERS = 32  # as many deliveries may be on their way at once
WARM_UP_S = 8  # of deliveries that are not counted: the handler's process starts with the first, and catches up
QUIET_S = 5.0  # without an arrival, then the rest counts as late


class Target:
    """An HTTP server that takes its time for each request; when each delivery arrived, by its id."""

    def __init__(self, takes_ms: int) -> None:
        self.arrived: dict[str, float] = {}
        self.takes_ms = takes_ms
        target = self

        class Post(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                target.arrived.setdefault(self.headers["X-InboundFlow-Delivery-Id"], time.monotonic())
                self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(target.takes_ms / 1000)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self.server = Server(("127.0.0.1", 0), Post)
        self.place = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@dataclass(frozen=True, kw_only=True)
class Figures:
    takes_ms: int
    deliveries: int
    missing: int  # not there, long after the last had been sent
    late_ms: list[float]  # from the ack to the arrival, of the others

    def row(self) -> str:
        p50, p99 = statistics.median(self.late_ms), statistics.quantiles(self.late_ms, n=100)[98]
        cells = (
            f"{self.takes_ms} ms", self.deliveries, f"{p50:.0f} ms", f"{p99:.0f} ms", f"{max(self.late_ms):.0f} ms",
            self.missing,
        )  # fmt: skip
        return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    options = arguments()
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    print(f"{options.per_s} deliveries/s for {options.seconds} s, {options.database}\n")
    print(
        "| the target takes | deliveries | p50 | p99 | worst | not arrived |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |"
    )
    for takes_ms in options.takes:
        with (
            tempfile.TemporaryDirectory(dir=DIRECTORY, prefix="arrivals-") as folder,
            database(options.database) as url,
        ):
            print(measure(takes_ms, options.per_s, options.seconds, Path(folder), url).row(), flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.arrivals", description=__doc__)
    parser.add_argument("--takes", type=int, nargs="*", default=[0, 50, 200], metavar="MS", help="times of the target")
    parser.add_argument("--per-s", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    return parser.parse_args()


@contextlib.contextmanager
def database(kind: str) -> Iterator[str]:
    """A DATABASE_URL; "" for the file in DATA_DIR."""
    if kind == "sqlite":
        yield ""
        return
    with contextlib.closing(Postgres(folder=DIRECTORY)) as server:
        yield server.new_database()


def measure(takes_ms: int, per_s: int, seconds: int, folder: Path, database_url: str) -> Figures:
    target, port = Target(takes_ms), free_port()
    env = {
        "DATA_DIR": str(folder), "PORT": str(port), "HOST": "127.0.0.1", "INBOUNDFLOW_SIGNING_SECRET": SECRET,
        "DATABASE_URL": database_url, "REDIS_URL": "", "FORWARD_URL": f"http://{target.place}/",
        "FORWARD_ALLOW_HOSTS": target.place,
    }  # fmt: skip
    with (
        open(folder / "log", "wb") as log,
        started("-m", "receiver", "up", env=env, stdout=log, stderr=subprocess.STDOUT) as up,
    ):
        until(lambda: is_ready(port), within_s=60, what="the receiver")
        url = f"http://127.0.0.1:{port}/webhooks/inboundflow"
        acked = send_steadily(url, per_s, WARM_UP_S + seconds)
        counted = list(acked)[per_s * WARM_UP_S :]
        wait_for_arrivals(target, counted)
        up.terminate()
        up.wait()
    target.server.shutdown()
    late_ms = [max(0.0, target.arrived[key] - acked[key]) * 1000 for key in counted if key in target.arrived]
    return Figures(takes_ms=takes_ms, deliveries=len(counted), missing=len(counted) - len(late_ms), late_ms=late_ms)


def send_steadily(url: str, per_s: int, seconds: int) -> dict[str, float]:
    """When each delivery was acknowledged, by its id, in the order of sending."""
    rng = random.Random()

    def send(number: int, payload: payloads.Payload) -> float:
        time.sleep(max(0.0, began + number / per_s - time.monotonic()))
        answer = sender.deliver(url, payload, secret=SECRET)
        if answer.failure:
            sys.exit(f"a delivery was not acknowledged: {answer.failure}")
        return time.monotonic()

    deliveries = [payloads.sample(rng, "call.completed") for _ in range(per_s * seconds)]
    began = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as pool:
        acked = list(pool.map(send, range(len(deliveries)), deliveries))
    return {payload.delivery_id: at for payload, at in zip(deliveries, acked, strict=True)}


def wait_for_arrivals(target: Target, keys: list[str]) -> None:
    """Until all are there, or nothing has come for a while."""
    count, since = -1, time.monotonic()
    while not set(keys) <= target.arrived.keys() and time.monotonic() - since < QUIET_S:
        if len(target.arrived) != count:
            count, since = len(target.arrived), time.monotonic()
        time.sleep(0.05)


if __name__ == "__main__":
    main()
