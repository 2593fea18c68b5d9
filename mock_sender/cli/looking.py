"""The commands that look at what was sent, and send it once more."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..book import LIVES
from ..inboundflow import InboundFlow
from ..records import Delivery
from . import options
from .text import (
    clock,
    connection_object,
    delivery_object,
    delivery_row,
    headings,
    outcome,
    say_attempts,
    say_json,
    say_table,
    standing,
)


@click.command(short_help="Say how each connection stands.")
@options.database
@options.as_json
def status(db: Path, as_json: bool) -> None:
    """Say how each connection stands: its failures in a row, and what to do. Exit code 1 where one is disabled."""
    with options.account(db) as flow:
        connections = flow.connections()
        if as_json:
            say_json([connection_object(connection) for connection in connections])
        for connection in [] if as_json else connections:
            lives = "●" * connection.lives + "○" * (LIVES - connection.lives)
            click.echo(f"{connection.name}  {lives}  {standing(connection)}")
            click.echo(
                f"  {connection.url}  {'signed' if connection.secret else 'NOT signed'}  {', '.join(connection.events)}"
            )
            for last in flow.deliveries(connection.id, limit=1):
                click.echo(f"  last: {last.event}, {outcome(delivery_object(flow, last))}")
        if not connections:
            click.echo("There is no connection yet: make one with `mock-sender connect URL`.", err=True)
    sys.exit(1 if any(connection.state == "disabled" for connection in connections) else 0)


@click.command()
@click.argument("name", required=False)
@click.option("-n", "--limit", type=click.IntRange(1), default=20, show_default=True, help="How many of the newest.")
@click.option("--failed", is_flag=True, help="Only what was not acknowledged, or missed.")
@options.database
@options.as_json
def log(name: str | None, limit: int, failed: bool, db: Path, as_json: bool) -> None:
    """List deliveries, the newest last. `mock-sender show ID` has every byte of one."""
    with options.account(db) as flow:
        connection_id = options.chosen(flow, name).id if name else None
        deliveries = flow.deliveries(connection_id, limit=100_000)
        matching = [delivery for delivery in deliveries if not failed or delivery.state in ("failed", "missed")]
        rows, older = matching[:limit], len(matching) - limit
        if as_json:
            return say_json([delivery_object(flow, delivery) for delivery in reversed(rows)])
        if older > 0:
            click.echo(f"… and {older} older. -n shows more.")
        head = headings()
        say_table([head, *(delivery_row(flow, delivery) for delivery in reversed(rows))] if rows else [])
        if not rows:
            click.echo("Nothing failed." if failed else "Nothing was sent yet.")


@click.command(short_help="Show every attempt of one delivery.")
@click.argument("id", type=options.ID)
@options.database
@options.as_json
def show(id: int, db: Path, as_json: bool) -> None:
    """Show every attempt of one delivery: what was sent, byte for byte, and what came back."""
    with options.account(db) as flow:
        delivery, attempts = flow.delivery(id), flow.attempts(id)
        if as_json:
            written = [row | {"request": row["request"].decode(errors="backslashreplace")} for row in attempts]
            return say_json(delivery_object(flow, delivery) | {"tries": written})
        click.echo(f"{delivery.event}  {delivery.delivery_id}  {outcome(delivery_object(flow, delivery))}")
        say_attempts(attempts)


@click.command(short_help="Send deliveries once more, unchanged.")
@click.argument("ids", type=options.ID, nargs=-1, metavar="[ID]...")
@click.option("--missed", is_flag=True, help="All that was missed while its webhook was disabled.")
@options.database
@options.as_json
def resend(ids: tuple[int, ...], missed: bool, db: Path, as_json: bool) -> None:
    """Send deliveries once more, with the same delivery_id and body, freshly signed."""
    if bool(ids) == missed:
        raise click.UsageError("Say which: the ids that `mock-sender log` shows, or --missed.")
    with options.account(db) as flow:
        if missed:
            ids = tuple(
                delivery.id for delivery in reversed(flow.deliveries(limit=100_000)) if delivery.state == "missed"
            )
        made = [say_delivery(flow, flow.resend(id), as_json=as_json) for id in ids]
        if not made:
            click.echo("Nothing was missed.", err=True)
    sys.exit(0 if all(delivery.state == "delivered" for delivery in made) else 1)


@click.command(short_help="Make the retries that are due.")
@click.option("--until-none", is_flag=True, help="Wait for those still to come, which may be a day away.")
@options.database
@options.as_json
def retry(until_none: bool, db: Path, as_json: bool) -> None:
    """Make the retries that are due, of connections with --retries. Exit code 1 where one is still to come."""
    with options.account(db) as flow:
        while (row := flow.next_due()) and (until_none or row["next_at"] <= flow.clock.now()):
            flow.clock.sleep(row["next_at"] - flow.clock.now())
            flow.attempt(row["id"])
            say_delivery(flow, flow.delivery(row["id"]), as_json=as_json)
        following = flow.next_due()
    if following:
        click.echo(f"The next retry is due at {clock(following['next_at'])}.", err=True)
    sys.exit(1 if following else 0)


def say_delivery(flow: InboundFlow, delivery: Delivery, *, as_json: bool) -> Delivery:
    """Print a delivery as soon as it was sent, so that a later error does not hide it, and return it."""
    fields = delivery_object(flow, delivery)
    say_json(fields) if as_json else click.echo(f"{delivery.id}  {delivery.event}  {outcome(fields)}")
    return delivery


COMMANDS = (status, log, show, resend, retry)
