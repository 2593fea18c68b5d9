"""The command that plays a day of a business's calls."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from .. import sender, trouble
from ..inboundflow import InboundFlow
from ..payloads import Payload
from ..traffic import BUSINESSES, Planned, day
from ..trouble import TROUBLES
from ..wire import Answer
from . import options
from .text import connection_object, say_json, standing

AT_ONCE = 16  # deliveries on their way; a receiver that takes ten seconds for each does not hold up the day
Rates = Sequence[tuple[str, float]]
Cast = tuple[Planned, tuple[str, ...], random.Random]  # what is sent, the trouble it meets, and the dice for that


@click.command(short_help="Play a day of a business's calls.")
@click.option(
    "--business", type=click.Choice(list(BUSINESSES)), default="dental", show_default=True, help="Which one's day."
)
@click.option("--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="Which day; today by default.")
@click.option("--calls", type=click.IntRange(1, 80_000), help="Number of calls; as many as it has, if not given.")
@click.option(
    "--speed",
    type=click.FloatRange(1),
    default=1440.0,
    show_default=True,
    help="Times faster; 1440 is a day in a minute.",
)
@click.option(
    "--trouble", "rates", multiple=True, metavar="NAME=RATE", help="Send this part of them with a trouble: emoji=0.05."
)
@options.seed
@options.secrets
@options.to
@options.database
@options.as_json
def traffic(
    business: str, on: datetime | None, calls: int | None, speed: float, rates: tuple[str, ...], seed: int | None,
    secret: str | None, secret_file: Path | None, url: str | None, db: Path, as_json: bool,
) -> None:  # fmt: skip
    """Play a day of a real business's calls: opening hours, languages, missed calls, transfers, bookings, leads.

    It goes to the connections that chose each event, where failures count; with --to URL, to that address.
    """
    odds, rng = shares(rates), random.Random(seed)
    if url is None:
        options.only_with_to("secret", "secret_file")
    planned = day(rng, BUSINESSES[business], on.date() if on else date.today(), calls)
    key = options.the_secret(secret, secret_file)
    with options.telling(), options.account(db, hint=options.OR_TO) if url is None else nullcontext() as flow:
        if flow is not None and not flow.connections():
            raise click.UsageError(
                "There is no connection yet: make one with `mock-sender connect URL`, or give --to URL."
            )
        if url is not None:
            sender.check(url)
        tally = Tally()
        began = time.monotonic()
        cast = [
            (delivery, troubled(odds, rng), random.Random(rng.getrandbits(64))) for delivery in planned
        ]  # before threads
        try:
            play(cast, speed, lambda payload, names, luck: tally.add(send_one(payload, flow, url, key, names, luck)))
        except KeyboardInterrupt:
            tally.stopped = True
        summary = tally.summary(time.monotonic() - began, planned, flow)
    say_json(summary) if as_json else say(summary)
    sys.exit(130 if tally.stopped else 1 if summary["failed"] or summary["missed"] else 0)


def shares(rates: Sequence[str]) -> Rates:
    """Raises UsageError where one is not NAME=RATE."""
    odds = []
    for text in rates:
        name, _, rate = text.partition("=")
        options.check_troubles((name,))
        if TROUBLES[name].order:
            raise click.UsageError(f"{name} changes the order of deliveries: use it with `mock-sender call --to URL`.")
        try:
            odds.append((name, float(rate)))
        except ValueError:
            raise click.UsageError(f"--trouble {text}: write it as NAME=RATE, such as {name}=0.05.") from None
    return odds


def troubled(rates: Rates, rng: random.Random) -> tuple[str, ...]:
    return tuple(name for name, rate in rates if rng.random() < rate)


def play(planned: Sequence[Cast], speed: float, send: Callable[..., None]) -> None:
    """Send each at its time, `speed` times as fast as in life. When stopped, wait only for those under way."""
    began, first = time.monotonic(), planned[0][0].time if planned else datetime.now(UTC)
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        sent: list[Future[None]] = []
        for delivery, names, luck in shown(planned):
            time.sleep(max(0.0, (delivery.time - first).total_seconds() / speed - (time.monotonic() - began)))
            sent.append(pool.submit(send, delivery.payload, names, luck))
        for each in sent:
            each.result()
    finally:
        pool.shutdown(cancel_futures=True)


def shown(planned: Sequence[Cast]) -> Iterator[Cast]:
    """With a bar on a terminal."""
    if not sys.stderr.isatty():
        yield from planned
        return
    with click.progressbar(
        planned,
        label="the day",
        file=sys.stderr,
        item_show_func=lambda cast: f"{cast[0].time:%H:%M} UTC" if cast else "",
    ) as bar:
        yield from bar


def send_one(
    payload: Payload, flow: InboundFlow | None, url: str | None, secret: str, names: Sequence[str], rng: random.Random
) -> Iterable[tuple[str, float, str]]:
    """State, seconds and what went wrong, for each place it went to."""
    if flow is None:
        plan = trouble.plan([payload], url=str(url), secret=secret or None, names=names, seed=rng.getrandbits(32))
        answers: list[Answer] = [answer for each in trouble.play(plan.rounds) for answer in each]
        return [("failed" if answer.failure else "delivered", answer.latency_s, answer.failure) for answer in answers]
    made = flow.report(payload, names, rng)
    tried = [(delivery, flow.attempts(delivery.id)) for delivery in made]
    return [
        (delivery.state, last[-1]["latency_s"] if last else 0.0, last[-1]["failure"] if last else "")
        for delivery, last in tried
    ]


class Tally:
    """The day's deliveries by state, their failures and the slowest answer."""

    def __init__(self) -> None:
        self.states: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.slowest_s = 0.0
        self.stopped = False
        self.turn = threading.Lock()

    def add(self, sent: Iterable[tuple[str, float, str]]) -> None:
        with self.turn:
            for state, took_s, failure in sent:
                self.states[state] += 1
                self.slowest_s = max(self.slowest_s, took_s)
                if failure:
                    self.failures[failure] += 1

    def summary(self, took_s: float, planned: Sequence[Planned], flow: InboundFlow | None) -> dict[str, Any]:
        return {
            "planned": len(planned),
            **{state: self.states[state] for state in ("delivered", "failed", "waiting", "missed")},
            "slowest_ms": round(self.slowest_s * 1000, 1),
            "took_s": round(took_s, 1),
            "failures": dict(self.failures.most_common()),
            "stopped": self.stopped,
            "connections": [
                connection_object(connection) | {"standing": standing(connection)} for connection in flow.connections()
            ]
            if flow
            else [],
        }


def say(summary: dict[str, Any]) -> None:
    click.echo(
        f"{summary['delivered']} delivered, {summary['failed']} failed, {summary['waiting']} to be sent again, "
        f"{summary['missed']} missed; the slowest answer took {summary['slowest_ms']:.0f} ms"
    )
    for failure, number in summary["failures"].items():
        click.echo(f"  {number} × {failure}")
    for connection in summary["connections"]:
        click.echo(f"{connection['name']}: {connection['standing']}")
    if summary["stopped"]:
        click.echo(f"Stopped: {summary['planned']} deliveries were planned.")


COMMANDS = (traffic,)
