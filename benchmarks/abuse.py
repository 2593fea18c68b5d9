"""What genuine deliveries notice of each kind of abuse, at rising loads. Run: python -m benchmarks.abuse"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import platform
import random
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from mock_sender import payloads
from mock_sender.sign import sign
from tests.support.processes import processes_with, status_of

from .attacks import ATTACKS
from .contenders import CHECKOUT, PATH, SECRET, ours
from .places import running

PROMISE_S = 9  # the sender leaves at 10
EVERY_S = 0.2  # a steady pace: five genuine deliveries a second, each over a connection of its own
FULL_SWING_S = 2  # an attack's time to begin
CLIENTS = (100, 500, 1000, 2000)
FAST_CLIENTS = (1, 2, 4, 8, 16, 64, 256)  # of those who send as fast as they can
FAST = ("junk", "forged")


@dataclass(frozen=True, kw_only=True)
class Round:
    """One abuse at one load. `in_time` are those genuine deliveries that were answered 200 within 9 s."""

    abuse: str
    clients: int
    sent: int
    in_time: int
    slowest_ms: float
    peak_mib: float  # of all the receiver's web processes together, at their largest

    @property
    def holds(self) -> bool:
        return self.in_time == self.sent


def main() -> int:
    options = arguments()
    rounds = []
    for abuse in options.only or ATTACKS:
        for clients in options.clients or (FAST_CLIENTS if abuse in FAST else CLIENTS):
            rounds.append(one_round(abuse, clients, options.seconds))
            print(row(rounds[-1]), file=sys.stderr)
    print(json.dumps([asdict(round) for round in rounds]) if options.json else report(rounds, options.seconds))
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.abuse", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of genuine deliveries in each round")
    parser.add_argument("--only", nargs="*", choices=ATTACKS, metavar="ABUSE", help=f"of: {', '.join(ATTACKS)}")
    parser.add_argument("--clients", nargs="*", type=int, help="of each abuse, in place of the usual loads")
    parser.add_argument("--json", action="store_true", help="every round's figures")
    return parser.parse_args()


def one_round(abuse: str, clients: int, seconds: float) -> Round:
    """A fresh receiver, the abuse, and genuine deliveries beside it."""
    web = next(contender for contender in ours() if contender.name.endswith("web process alone"))
    with running(web) as place:
        port = place.port
        deliver(port, [])
        with attacked(abuse, port, clients):
            time.sleep(FULL_SWING_S)
            took = steadily(port, seconds)
        peak_mib = sum(status_of(pid)["peak_mib"] for pid in processes_with(f"PORT={port}\0"))
    return Round(
        abuse=abuse, clients=clients, sent=len(took), in_time=sum(s is not None and s < PROMISE_S for s in took),
        slowest_ms=max((s * 1000 for s in took if s is not None), default=0), peak_mib=peak_mib,
    )  # fmt: skip


@contextlib.contextmanager
def attacked(abuse: str, port: int, clients: int) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.attacks", abuse, str(port), str(clients)]
    process = subprocess.Popen(command, cwd=CHECKOUT)
    try:
        yield
        if process.poll() is not None:
            raise RuntimeError(f"the attackers ended before the round did, with code {process.returncode}")
    finally:
        process.kill()
        process.wait()


def steadily(port: int, seconds: float) -> list[float | None]:
    """For each delivery the seconds until its 200, or None; the next is sent whether or not that came."""
    took: list[float | None] = []
    senders = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        senders.append(threading.Thread(target=deliver, args=(port, took)))
        senders[-1].start()
        time.sleep(EVERY_S)
    for sender in senders:
        sender.join()
    return took


def deliver(port: int, took: list[float | None]) -> None:
    body = payloads.sample(random.Random(), "call.completed", delivery_id=uuid.uuid4().hex).body
    now = int(time.time())
    headers = {"X-InboundFlow-Timestamp": str(now), "X-InboundFlow-Signature": sign(SECRET, now, body)}
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        connection.request("POST", PATH, body, headers)
        stored = connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        stored = False
    finally:
        connection.close()
    took.append(time.monotonic() - began if stored else None)


def report(rounds: list[Round], seconds: float) -> str:
    lines = [
        f"{seconds:g} s of {1 / EVERY_S:g} genuine deliveries a second in each round, on the attackers' machine; "
        f"{os.cpu_count()} cores, Python {platform.python_version()}.",
        "",
        "| abuse | clients | genuine sent | answered 200 in 9 s | slowest ms | peak RSS MiB | stops holding at |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    return "\n".join([*lines, *(row(round, stop(round.abuse, rounds)) for round in rounds)])


def stop(abuse: str, rounds: list[Round]) -> str:
    """The smallest load at which a genuine delivery was not answered in time."""
    return next((str(round.clients) for round in rounds if round.abuse == abuse and not round.holds), "not seen")


def row(round: Round, stops: str = "") -> str:
    cells = [
        round.abuse, str(round.clients), str(round.sent), str(round.in_time), f"{round.slowest_ms:.0f}",
        f"{round.peak_mib:.0f}", stops,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
