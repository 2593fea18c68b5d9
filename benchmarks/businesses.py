"""Many businesses on one `receiver up`, five of them hostile or broken: what do the others notice?

Each has a secret and three destinations of its own: Slack by a bot token, a webhook, n8n; all are played on loopback,
by this process. Deliveries are signed, and sent in turn at a steady pace, whatever the answers take. Phases alternate:
all are well, then five are not. Told are the figures of the others. Run: python -m benchmarks.businesses
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mock_sender import payloads
from mock_sender.sign import sign
from receiver import operations, queue, registry, settings, store
from receiver.inbox.states import OPEN
from tests.support.postgres import Server as Postgres
from tests.support.processes import CHECKOUT, free_port, is_ready, started

from .memory import family, pss_mib
from .open_loop import LENGTH, TIMEOUT_S, Connections
from .places import DISK

DESTINATIONS = ("slack", "forward", "n8n")
KEY = re.compile(rb'delivery_id\\*"\s*:\s*\\*"([0-9a-f]{32})')
HUGE_BYTES = 1024 * 1024 - 200  # MAX_BODY_BYTES is 1 MiB as a rule
WARM_UP_S = 10  # the handlers' processes start with the first deliveries, and catch up
QUIET_S = 5.0  # without an arrival, then the rest counts as lost
START_S = 120
AT_REST_S = 60  # for what was held or waits for a retry, before all are well again
SETTLE_S = 5  # until the processes have freed what only the load needed
HEAD = (
    "| of the others | sent | not acknowledged | ack p50 | ack p99 | arrival p50 | arrival p99 | lost | doubled | "
    "crossed over |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)


@dataclass(frozen=True, kw_only=True)
class Business:
    name: str
    secret: str
    trouble: str = ""  # what is the matter with it in every second phase


TROUBLES = ("floods", "hangs", "answers 500", "refuses the token", "sends all that fits")


def businesses(number: int) -> list[Business]:
    """The first five are those that something is the matter with, as far as there are that many and one more."""
    troubles = dict(enumerate(TROUBLES if number > len(TROUBLES) else ()))
    return [
        Business(name=f"business-{n:04}", secret=f"the secret of business {n}", trouble=troubles.get(n, ""))
        for n in range(number)
    ]


@dataclass(kw_only=True)
class Sent:
    business: Business
    due: float
    acked: float | None = None  # monotonic; None: there was no 200


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Of the businesses with which nothing is the matter in either phase. Milliseconds."""

    phase: str
    sent: int
    failed: int
    ack_p50_ms: float
    ack_p99_ms: float
    arrival_p50_ms: float  # from the ack to each destination
    arrival_p99_ms: float
    arrived: int
    lost: int
    doubled: int
    crossed: int  # of all businesses
    late_ms: float  # how late this sender itself was at worst

    def cells(self) -> list[str]:
        times = (self.ack_p50_ms, self.ack_p99_ms, self.arrival_p50_ms, self.arrival_p99_ms)
        counts = (self.lost, self.doubled, self.crossed)
        return [self.phase, str(self.sent), str(self.failed), *(f"{ms:.1f} ms" for ms in times), *map(str, counts)]


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Of a receiver at rest, each of whose businesses was served."""

    sources: int
    start_s: float
    processes: int
    memory_mib: float
    redis_connections: int
    postgres_connections: int

    def line(self) -> str:
        postgres = f", {self.postgres_connections} to Postgres" if self.postgres_connections else ""
        return (
            f"{self.sources} businesses: ready after {self.start_s:.1f} s, {self.processes} processes, "
            f"{self.memory_mib:.0f} MiB, {self.redis_connections} connections to Redis{postgres}"
        )


@dataclass(kw_only=True)
class World:
    """All destinations, and what arrived there: when, and whose it was by the address or the token."""

    businesses: Mapping[str, Business]
    arrivals: dict[tuple[str, str], list[tuple[float, str]]] = field(default_factory=dict)
    is_troubled: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def trouble(self, troubled: bool) -> None:
        self.is_troubled = troubled
        self.changed.set()
        self.changed = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                at = time.monotonic()
                length = LENGTH.search(head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                status, answer = await self.answer(at, head, body)
                writer.write(f"HTTP/1.1 {status} It\r\nContent-Type: application/json\r\n".encode())
                writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(answer), answer))
        writer.close()

    async def answer(self, at: float, head: bytes, body: bytes) -> tuple[int, bytes]:
        destination = head.split(b"/", 2)[1].decode()
        pattern = rb"(?i)authorization: Bearer xoxb-(\S+)" if destination == "slack" else rb"/\w+/(\S+) HTTP"
        whose = re.search(pattern, head)
        name = whose[1].decode() if whose else ""
        trouble = self.businesses[name].trouble if self.is_troubled else ""
        if trouble == "hangs" and destination == "forward":
            await self.changed.wait()
        if trouble == "answers 500" and destination == "n8n":
            return 500, b"{}"
        if trouble == "refuses the token" and destination == "slack":
            return 200, b'{"ok": false, "error": "invalid_auth"}'
        if key := KEY.search(body):
            self.arrivals.setdefault((destination, key[1].decode()), []).append((at, name))
        ts = f"{time.time():.6f}"
        return 200, json.dumps({"ok": True, "channel": "C0123456789", "ts": ts}).encode()


class Sender:
    """Connections are kept and used again, by whichever business is next."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.body = payloads.sample(random.Random(1), "call.completed", delivery_id="@").body
        self.call = json.loads(self.body)["data"]["call_id"].encode()
        self.connections = Connections(port)
        self.sent: dict[str, Sent] = {}
        self.late_s = 0.0

    async def steadily(
        self, send: Callable[[int, float], Coroutine[Any, Any, object]], per_s: float, seconds: float, began: float
    ) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(int(per_s * seconds)):
                due = began + number / per_s
                if (rest := due - time.monotonic()) > 0:
                    await asyncio.sleep(rest)
                self.late_s = max(self.late_s, time.monotonic() - due)
                group.create_task(send(number, due))

    async def deliver(self, business: Business, due: float, *, pad: int = 0) -> None:
        """A delivery of a call of its own. It is noted before it is sent: it may arrive before its answer does."""
        key = uuid.uuid4().hex
        body = self.body.replace(b'"@"', b'"%s"' % key.encode()).replace(self.call, b"call_%s" % key[:12].encode())
        if pad:
            body = body.replace(b'"data":{', b'"data":{"notes":"%s",' % (b"x" * max(0, pad - len(body) - 12)))
        sent = self.sent[key] = Sent(business=business, due=due)
        if await self.post(business, body, business.secret) == 200:
            sent.acked = time.monotonic()

    async def forge(self, business: Business, due: float) -> None:
        await self.post(business, self.body, "somebody's guess")

    async def post(self, business: Business, body: bytes, secret: str) -> int:
        now = int(time.time())
        head = (
            f"POST /webhooks/inboundflow/{business.name} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Content-Type: application/json\r\nX-InboundFlow-Timestamp: {now}\r\n"
            f"X-InboundFlow-Signature: {sign(secret, now, body)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with contextlib.suppress(OSError, EOFError, TimeoutError):
            async with asyncio.timeout(TIMEOUT_S):
                return await self.connections.exchange(head.encode() + body)
        return 0


async def phase(name: str, sender: Sender, world: World, options: argparse.Namespace, seconds: float) -> None:
    """Some seconds of deliveries in turn; in a phase of trouble with what the five do besides."""
    every = list(world.businesses.values())
    by_trouble = {business.trouble: business for business in every if business.trouble}
    is_troubled = name == "five are not"
    world.trouble(is_troubled)
    world.arrivals.clear()
    sender.sent, sender.late_s = {}, 0.0

    def send(number: int, due: float) -> Coroutine[Any, Any, object]:
        business = every[number % len(every)]
        pad = HUGE_BYTES if is_troubled and business.trouble == "sends all that fits" else 0
        return sender.deliver(business, due, pad=pad)

    def flood(number: int, due: float) -> Coroutine[Any, Any, object]:
        return sender.deliver(by_trouble["floods"], due)

    def forge(number: int, due: float) -> Coroutine[Any, Any, object]:
        return sender.forge(by_trouble["floods"], due)

    def fill(number: int, due: float) -> Coroutine[Any, Any, object]:
        return sender.deliver(by_trouble["sends all that fits"], due, pad=HUGE_BYTES)

    paces = [(send, per_s_of(world, options))]
    if is_troubled and by_trouble:
        paces += [(flood, options.flood_per_s), (forge, options.flood_per_s), (fill, 1.0)]
    began = time.monotonic()
    await asyncio.gather(*(sender.steadily(act, per_s, seconds, began) for act, per_s in paces))
    await until_quiet(sender, world, QUIET_S if name else START_S)


def per_s_of(world: World, options: argparse.Namespace) -> float:
    """Each business has as many deliveries, however many there are: Slack takes one a second in a channel."""
    return float(options.per_s * len(world.businesses) / options.sources)


def of_the_others(sender: Sender) -> dict[str, Sent]:
    return {key: sent for key, sent in sender.sent.items() if not sent.business.trouble}


async def until_quiet(sender: Sender, world: World, quiet_s: float) -> None:
    """Until all of the others' have arrived, or nothing has come for a while."""
    wanted = {(each, key) for key, sent in of_the_others(sender).items() if sent.acked for each in DESTINATIONS}
    count, since = -1, time.monotonic()
    while not wanted <= world.arrivals.keys() and time.monotonic() - since < quiet_s:
        here = len(wanted & world.arrivals.keys())
        if here != count:
            count, since = here, time.monotonic()
        await asyncio.sleep(0.1)


def figures(name: str, sender: Sender, world: World) -> Figures:
    others = of_the_others(sender)
    acked = {key: sent for key, sent in others.items() if sent.acked is not None}
    acks = [(sent.acked - sent.due) * 1000 for sent in acked.values() if sent.acked is not None]
    found = [
        (sent, world.arrivals.get((destination, key), []))
        for key, sent in acked.items()
        for destination in DESTINATIONS
    ]
    times = [max(0.0, places[0][0] - (sent.acked or 0)) * 1000 for sent, places in found if places]
    whose = [(sender.sent.get(key), place) for (_, key), places in world.arrivals.items() for _, place in places]
    return Figures(
        phase=name,
        sent=len(others),
        failed=len(others) - len(acked),
        ack_p50_ms=statistics.median(acks),
        ack_p99_ms=p99(acks),
        arrival_p50_ms=statistics.median(times),
        arrival_p99_ms=p99(times),
        arrived=len(times),
        lost=len(found) - len(times),
        doubled=sum(max(0, len(places) - 1) for _, places in found),
        crossed=sum(sent is not None and sent.business.name != place for sent, place in whose),
        late_ms=sender.late_s * 1000,
    )


def p99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98]


@contextlib.contextmanager
def database(kind: str) -> Iterator[Postgres | None]:
    """None: the file in DATA_DIR."""
    if kind == "sqlite":
        yield None
        return
    with contextlib.closing(Postgres(folder=DISK, shared_buffers="128MB")) as server:  # the default, not that of tests
        yield server


def make_sources(env: Mapping[str, str], place: str, every: Sequence[Business]) -> None:
    """As `receiver sources add` does."""
    migrate = [sys.executable, "-m", "receiver", "migrate"]
    subprocess.run(migrate, cwd=CHECKOUT, env={**os.environ, **env}, check=True, capture_output=True)
    own = settings.read(env)
    routing = operations.Routing(own, registry.discover("handlers"), env)
    db = store.connect(own)
    for business in every:
        variables = {
            "SLACK_BOT_TOKEN": f"xoxb-{business.name}", "SLACK_CHANNEL": "C0123456789",
            "FORWARD_URL": f"http://{place}/forward/{business.name}",
            "N8N_WEBHOOK_URL": f"http://{place}/n8n/{business.name}",
        }  # fmt: skip
        operations.add_source(db, routing, business.name, secret=business.secret, variables=variables)
    db.close()


async def measure(number: int, options: argparse.Namespace, *, rounds: int) -> tuple[Costs, list[Figures]]:
    """A receiver of its own with so many businesses."""
    DISK.mkdir(parents=True, exist_ok=True)
    every = businesses(number)
    world = World(businesses={business.name: business for business in every})
    with contextlib.ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(dir=DISK, prefix="businesses-", ignore_cleanup_errors=True))
        )
        server = stack.enter_context(database(options.database))
        destinations = await asyncio.start_server(world.serve, "127.0.0.1", 0, backlog=1024)
        place = f"127.0.0.1:{destinations.sockets[0].getsockname()[1]}"
        env = {
            "DATA_DIR": str(folder), "PORT": str(free_port()), "HOST": "127.0.0.1", "REDIS_URL": "",
            "DATABASE_URL": server.new_database() if server else "", "INBOUNDFLOW_SIGNING_SECRET": "",
            "SECRET_KEY": "the key of the businesses' secrets", "FORWARD_ALLOW_HOSTS": place,
            "SLACK_API_URL": f"http://{place}/slack/",
        }  # fmt: skip
        make_sources(env, place, every)
        log = stack.enter_context(open(folder / "log", "wb"))
        began = time.monotonic()
        up = stack.enter_context(started("-m", "receiver", "up", env=env, stdout=log, stderr=subprocess.STDOUT))
        await until_true(lambda: is_ready(int(env["PORT"])), START_S)
        start_s = time.monotonic() - began
        found = await phases(Sender(int(env["PORT"])), world, options, rounds, env)
        world.trouble(False)
        await asyncio.sleep(SETTLE_S)
        pids = family(up.pid)
        costs = Costs(
            sources=number,
            start_s=start_s,
            processes=len(pids),
            memory_mib=sum(map(pss_mib, pids)),
            redis_connections=queue.connect(settings.read(env)).info("clients")["connected_clients"] - 1,
            postgres_connections=connections(server, env["DATABASE_URL"]) if server else 0,
        )
        up.terminate()
        await asyncio.to_thread(up.wait)
        destinations.close()
    return costs, found


async def phases(
    sender: Sender, world: World, options: argparse.Namespace, rounds: int, env: Mapping[str, str]
) -> list[Figures]:
    """A warm-up in which each business is served, then the rounds."""
    served_s = max(options.warm_up, len(world.businesses) / per_s_of(world, options))
    await phase("", sender, world, options, served_s)
    found = []
    for number in range(rounds):
        if number:
            await make_well(world, env)
        for name in ("all are well", "five are not"):
            await phase(name, sender, world, options, options.seconds)
            found.append(figures(name, sender, world))
            print(
                f"{' | '.join(found[-1].cells())}; the sender was late by {found[-1].late_ms:.0f} ms", file=sys.stderr
            )
    return found


async def make_well(world: World, env: Mapping[str, str]) -> None:
    """Resume what was paused, and wait for what is open, but for what the flood left for a channel's slow pace."""
    world.trouble(False)
    own = settings.read(env)
    for business in world.businesses.values():
        if business.trouble == "refuses the token":
            command = [sys.executable, "-m", "receiver", "resume", "slack.post", "--source", business.name]
            resumed = await asyncio.create_subprocess_exec(
                *command, cwd=CHECKOUT, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            await resumed.wait()
    with contextlib.closing(store.connect(own)) as db, contextlib.suppress(TimeoutError):
        waits = f"SELECT 1 FROM runs WHERE {OPEN} AND handler <> 'slack.post' LIMIT 1"
        await until_true(lambda: not db.read(waits), AT_REST_S)


async def until_true(condition: Callable[[], object], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not await asyncio.to_thread(condition):
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.1)


def connections(server: Postgres, url: str) -> int:
    database = url.rpartition("/")[2]
    return int(server.execute(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'")[0][0])


def summary(found: Sequence[Figures]) -> list[Figures]:
    """The medians of each kind of phase; counts are sums."""
    return [
        Figures(
            phase=name,
            **{
                key: (statistics.median if key.endswith("_ms") else sum)([asdict(each)[key] for each in rounds])
                for key in asdict(rounds[0])
                if key != "phase"
            },
        )
        for name in Counter(each.phase for each in found)
        if (rounds := [each for each in found if each.phase == name])
    ]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.businesses", description=__doc__)
    parser.add_argument("--sources", type=int, default=500)
    parser.add_argument("--per-s", type=float, default=100, help="deliveries of all businesses together")
    parser.add_argument("--flood-per-s", type=float, default=50, help="deliveries, and as many forged, of one of them")
    parser.add_argument("--seconds", type=float, default=40, help="of each phase")
    parser.add_argument("--warm-up", type=float, default=WARM_UP_S, help="seconds")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    alone, _ = asyncio.run(measure(1, options, rounds=0))
    costs, found = asyncio.run(measure(options.sources, options, rounds=options.rounds))
    if options.json:
        document = {"costs": [asdict(alone), asdict(costs)], "phases": [asdict(each) for each in found]}
        print(json.dumps(document, indent=2))
    else:
        rows = [f"| {' | '.join(each.cells())} |" for each in summary(found)]
        print("\n".join([alone.line(), costs.line(), "", HEAD, *rows]))
    return 1 if any(each.crossed or each.lost or each.doubled for each in found) else 0


if __name__ == "__main__":
    sys.exit(main())
