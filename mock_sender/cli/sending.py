"""The commands that send: one event, or a call; to an address, or to the connections that chose the event."""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from .. import payloads, sender, trouble
from ..payloads import Payload
from ..trouble import TROUBLES
from ..wire import Answer
from . import nearby, options
from .text import answer_line, answer_object, delivery_object, delivery_row, headings, say_json, say_table, standing


def addressed(command: options.Command) -> options.Command:
    """The options of both commands."""
    for option in (
        options.as_json,
        options.seed,
        options.language,
        options.troubles,
        click.option(
            "--count", type=click.IntRange(1), default=1, show_default=True, help="Number of calls or events to send."
        ),
        options.secrets,
        options.to,
        options.database,
    ):
        command = option(command)
    return command


@click.command(short_help="Send one event.")
@click.argument("event", metavar="EVENT")
@addressed
@click.option("--field", "fields", multiple=True, metavar="NAME=VALUE", help="Set a field of data, as JSON or as text.")
@click.option("--delivery-id", help="Use this id; with --count, for all of them: duplicates.")
@click.option("--timestamp", type=int, help="Sign for this time, in unix seconds, instead of now; with --to.")
def send(event: str, delivery_id: str | None, fields: Sequence[str], **asked: Any) -> None:
    """Send one event: call.completed, call.transferred, appointment.booked or lead.created.

    Another name is sent too: a receiver should take what it does not know. Without --to it goes to the connections
    that chose the event, and counts; where there is no connection, to the receiver on this machine.
    """
    rng = random.Random(asked["seed"])
    spoken = asked["language"] or nearby.language(os.environ)
    made = [payloads.sample(rng, event, delivery_id=delivery_id, language=spoken) for _ in range(asked["count"])]
    send_all([with_fields(payload, fields) for payload in made], **asked)


@click.command()
@addressed
def call(**asked: Any) -> None:
    """Send the four events of a phone call, as they happen.

    Without --to they go to the connections, and count; where there is no connection, to the receiver on this machine.
    """
    rng = random.Random(asked["seed"])
    spoken = asked["language"] or nearby.language(os.environ)
    send_all([payload for _ in range(asked["count"]) for payload in payloads.call(rng, language=spoken)], **asked)


@click.command()
@click.argument("event", metavar="EVENT")
@options.seed
@options.language
def payload(event: str, seed: int | None, language: str | None) -> None:
    """Print the body of one event, and send nothing."""
    spoken = language or nearby.language(os.environ)
    click.echo(payloads.sample(random.Random(seed), event, language=spoken).body)


@click.command()
@options.as_json
def troubles(as_json: bool) -> None:
    """List the kinds of trouble that --trouble knows."""
    if as_json:
        return say_json([{"name": t.name, "authentic": t.authentic, "says": t.says} for t in TROUBLES.values()])
    rows = [(kind.name, "" if kind.authentic else "forged", kind.says) for kind in TROUBLES.values()]
    say_table([("trouble", "", "what it is"), *rows])
    click.echo("\nWhat is not marked as forged InboundFlow might send: a receiver should answer 2xx.")


def with_fields(payload: Payload, fields: Sequence[str]) -> Payload:
    if not fields:
        return payload
    envelope = json.loads(payload.body)
    for field in fields:
        name, equals, value = field.partition("=")
        if not equals:
            raise click.UsageError(f"--field {field}: write it as NAME=VALUE.")
        envelope["data"][name] = as_value(value)
    return replace(payload, body=payloads.stringify(envelope))


def as_value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=not_json)
    except ValueError:
        return text


def not_json(text: str) -> Any:
    """NaN and Infinity, which Python would read and JavaScript would not write."""
    raise ValueError(text)


def send_all(
    batch: list[Payload], *, url: str | None, secret: str | None, secret_file: Path | None, names: tuple[str, ...],
    as_json: bool, seed: int | None, db: Path, timestamp: int | None = None, **_: Any,
) -> None:  # fmt: skip
    """Send each in turn, tell how it went, and exit with 1 where one was not acknowledged."""
    names = options.check_troubles(names)
    if url is None and options.has_connections(db):
        options.only_with_to("secret", "secret_file", "timestamp")
        return to_connections(batch, names, seed or 0, db, as_json=as_json)
    if url is None:
        url, secret_file = the_receiver_here(secret, secret_file)
    key = options.the_secret(secret, secret_file)
    if not key:
        click.echo("No --secret, so these are not signed: most receivers refuse that.", err=True)
    with options.telling():
        sender.check(url)
    plan = trouble.plan(batch, url=url, secret=key or None, names=names, seed=seed or 0, timestamp=timestamp)
    failed = sent = 0
    by_body = {payload.body: payload for payload in batch}
    for round in plan.rounds:
        for request, answer in zip(round.requests, trouble.play([round])[0], strict=True):
            payload = by_body.get(request.body) or described(request.body, batch)
            tell(payload, answer, as_json=as_json)
            sent, failed = sent + 1, failed + bool(answer.failure)
    if failed:
        click.echo(f"{failed} of {sent} were not acknowledged.", err=True)
    sys.exit(1 if failed else 0)


def the_receiver_here(secret: str | None, secret_file: Path | None) -> tuple[str, Path | None]:
    """Its address, and the file with its secret where none is given. Raises CannotGoOn where none listens."""
    url, secret_file = nearby.url(os.environ), secret_file or (None if secret else nearby.secret_file(os.environ))
    if not nearby.listens(url):
        raise options.CannotGoOn(
            f"There is no connection yet, and no receiver listens at {url}: start it, give --to URL, "
            "or make a connection with `mock-sender connect URL`."
        )
    signed = f", signed with {secret_file}" if secret_file else ""
    click.echo(f"To the receiver on this machine, {url}{signed} (to another: --to URL).", err=True)
    return url, secret_file


def described(body: bytes, batch: Sequence[Payload]) -> Payload:
    """The event and delivery id of a troubled body, as far as it can be parsed."""
    try:
        envelope = json.loads(body)
        return Payload(str(envelope["event"]), str(envelope.get("delivery_id", "-")), body)
    except (ValueError, KeyError, TypeError, AttributeError):
        return replace(batch[0], body=body)


def tell(sent: Payload, answer: Answer, *, as_json: bool) -> None:
    if as_json:
        say_json(answer_object(sent, answer))
    else:
        click.echo(answer_line(sent, answer))


def to_connections(batch: list[Payload], names: tuple[str, ...], seed: int, db: Path, *, as_json: bool) -> None:
    """Report to the connections that chose these events."""
    if any(TROUBLES[name].order for name in names):
        raise click.UsageError("A trouble of the order goes with --to URL.")
    rng = random.Random(seed)
    with options.account(db) as flow:
        made = [delivery for payload in batch for delivery in flow.report(payload, names, rng)]
        for delivery in made if as_json else ():
            say_json(delivery_object(flow, delivery))
        if made and not as_json:
            say_table([headings(), *(delivery_row(flow, delivery) for delivery in made)])
        if not made:
            click.echo("No connection chose this event.", err=True)
        for connection in flow.connections() if made and not as_json else ():
            click.echo(f"{connection.name}: {standing(connection)}", err=True)
    sys.exit(0 if made and all(delivery.state == "delivered" for delivery in made) else 1)


COMMANDS = (send, call, payload, troubles)
