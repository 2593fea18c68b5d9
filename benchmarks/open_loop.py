"""Deliveries at a steady pace, whatever the answers take; latency counts from when each was due to be sent.

A closed loop sends less while the receiver is slow, and so never sees a stall whole. Here a stall of a second delays
everything that was due in it. With --at-once all are due in the same moment. Run: python -m benchmarks.open_loop
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import re
import resource
import statistics
import sys
import time
import uuid
from dataclasses import asdict, dataclass

from mock_sender import payloads
from mock_sender.sign import sign

from .contenders import SECRET, contenders
from .places import running

WARM_UP = 400  # deliveries, at the usual pace
PER_S = 200
TIMEOUT_S = 15
LENGTH = re.compile(rb"(?i)content-length: *(\d+)")


@dataclass(frozen=True, kw_only=True)
class Latencies:
    """In milliseconds, from when a delivery was due to be sent to its answer. `failed` had no 200."""

    sent: int
    failed: int
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    latest_start_ms: float  # how late this sender itself was at worst: below this nothing can be said


def main() -> int:
    options = arguments()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))  # each of those at once has a connection
    contender = next(each for each in contenders() if each.name == options.contender)
    per_s = math.inf if options.at_once else options.per_s
    number = options.at_once or int(options.per_s * options.seconds)
    with running(contender, slow_fsync_ms=options.slow_fsync_ms) as place:
        asyncio.run(steadily(contender.path, place.port, PER_S, WARM_UP))
        found = asyncio.run(steadily(contender.path, place.port, per_s, number))
    print(json.dumps(asdict(found)) if options.json else report(found, options))
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.open_loop", description=__doc__)
    parser.add_argument("--contender", default="ours", choices=[each.name for each in contenders()], metavar="NAME")
    parser.add_argument("--per-s", type=float, default=PER_S, help="deliveries a second")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--at-once", type=int, default=0, metavar="NUMBER", help="so many in place of a steady pace")
    parser.add_argument("--slow-fsync-ms", type=float, default=0)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


async def steadily(path: str, port: int, per_s: float, number: int) -> Latencies:
    took: list[float | None] = []
    late: list[float] = []
    sender = Sender(port, path)
    async with asyncio.TaskGroup() as group:
        began = time.monotonic()
        for sent in range(number):
            due = began + sent / per_s
            if (rest := due - time.monotonic()) > 0:
                await asyncio.sleep(rest)
            late.append(time.monotonic() - due)
            group.create_task(sender.deliver(due, took))
    sender.connections.close()
    answered = sorted(s * 1000 for s in took if s is not None)
    cuts = statistics.quantiles(answered, n=1000, method="inclusive")
    return Latencies(
        sent=len(took), failed=len(took) - len(answered), p50_ms=cuts[499], p99_ms=cuts[989], p999_ms=cuts[998],
        max_ms=answered[-1], latest_start_ms=max(late) * 1000,
    )  # fmt: skip


class Connections:
    """To a port of this machine; each is kept, and used again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def exchange(self, request: bytes) -> int:
        """The status of the answer."""
        reader, writer = self.one_that_is_open() or await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(LENGTH.search(head)[1]))  # type: ignore[index]
        if b"connection: close" in head.lower():
            writer.close()
        else:
            self.idle.append((reader, writer))
        return int(head.split(None, 2)[1])

    def one_that_is_open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """What was idle for long, the server has closed."""
        while self.idle:
            reader, writer = self.idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return None

    def close(self) -> None:
        for _, writer in self.idle:
            writer.close()


class Sender:
    """As light as can be, as it shares the machine with what it measures."""

    def __init__(self, port: int, path: str) -> None:
        self.connections = Connections(port)
        self.head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        self.body = payloads.sample(random.Random(1), "call.completed", delivery_id="@").body
        self.call = json.loads(self.body)["data"]["call_id"].encode()

    async def deliver(self, due: float, took: list[float | None]) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                stored = await self.connections.exchange(self.request()) == 200
        except (OSError, EOFError, TimeoutError):
            stored = False
        took.append(time.monotonic() - due if stored else None)

    def request(self) -> bytes:
        key = uuid.uuid4().hex.encode()  # and a call of its own: runs of one call are made one by one
        body = self.body.replace(b'"@"', b'"%s"' % key).replace(self.call, b"call_%s" % key[:12])
        now = int(time.time())
        headers = f"X-InboundFlow-Timestamp: {now}\r\nX-InboundFlow-Signature: {sign(SECRET, now, body)}\r\n"
        return f"{self.head}{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def report(found: Latencies, options: argparse.Namespace) -> str:
    pace = "at once" if options.at_once else f"at {options.per_s:g} a second"
    return (
        f"{options.contender}: {found.sent} deliveries {pace}, {found.failed} failed; from when "
        f"each was due: p50 {found.p50_ms:.1f} ms, p99 {found.p99_ms:.1f} ms, p99.9 {found.p999_ms:.1f} ms, "
        f"slowest {found.max_ms:.0f} ms (the sender itself was late by {found.latest_start_ms:.0f} ms at most)"
    )


if __name__ == "__main__":
    sys.exit(main())
