"""The commands of InboundFlow's page Configuración → Integraciones."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .. import sender
from ..inboundflow import KINDS
from ..payloads import EVENTS
from ..schedule import SCHEDULES
from . import options
from .text import connection_object, delivery_object, outcome, say_json, standing

settings = (
    click.option("--event", "events", multiple=True, metavar="EVENT", help="Report only this event (may be repeated)."),
    click.option("--retries", type=click.Choice(list(SCHEDULES)), help="When `retry` sends a failed one again."),
    click.option(
        "--same-signature/--fresh-signature", "same", default=None,
        help="Whether a retry has the first attempt's timestamp and signature; fresh by default.",
    ),
)  # fmt: skip


def set_up(command: options.Command) -> options.Command:
    for option in settings:
        command = option(command)
    return options.secrets(command)


@click.command(short_help="Set a webhook up.")
@click.argument("url")
@click.option("--name", help="What to call it; its kind by default.")
@click.option("--kind", type=click.Choice(KINDS), default="custom", show_default=True, help="Which integration.")
@set_up
@options.database
@options.as_json
def connect(url: str, name: str | None, kind: str, db: Path, as_json: bool, **asked: Any) -> None:
    """Set a webhook up, as under Configuración → Integraciones → Conectar.

    The URL must be https; plain http is for this machine only.
    """
    values = changes(asked)
    with options.telling():
        sender.check(url)  # before a file is made
    with options.account(db, new=True) as flow:
        made = flow.connect(url, name=name or "", kind=kind, **values)
        if as_json:
            return say_json(connection_object(made))
        click.echo(f"Connected {made.name} to {made.url}, for {', '.join(made.events)}.")
        if not made.secret:
            click.echo("No --secret, so nothing is signed: most receivers refuse that.", err=True)
        click.echo(f"Now test it: mock-sender test {made.name}")


@click.command(short_help='Press "Probar Webhook": send a sample.')
@click.argument("name", required=False)
@click.option("--event", default="", help="Send a sample of this event, also of one that is not documented.")
@options.database
@options.as_json
def test(name: str | None, event: str, db: Path, as_json: bool) -> None:
    """Press "Probar Webhook": send a sample, and say what came back. It does not count."""
    with options.account(db) as flow:
        made = flow.test(options.chosen(flow, name).id, event)
        fields = delivery_object(flow, made)
        if as_json:
            say_json(fields)
        else:
            click.echo(f"{fields['event']}  {fields['latency_ms']:.0f} ms  {outcome(fields)}")
    sys.exit(0 if made.state == "delivered" else 1)


@click.command()
@click.argument("name", required=False)
@options.database
@options.as_json
def reconnect(name: str | None, db: Path, as_json: bool) -> None:
    """Connect a disabled webhook again, with all its lives. What it missed is not sent: see `resend --missed`."""
    with options.account(db) as flow:
        connection = flow.reconnect(options.chosen(flow, name).id)
        say_json(connection_object(connection)) if as_json else click.echo(f"{connection.name}: {standing(connection)}")


@click.command()
@click.argument("name", required=False)
@click.option("--url", help="Another address.")
@set_up
@options.database
@options.as_json
def edit(name: str | None, url: str | None, db: Path, as_json: bool, **asked: Any) -> None:
    """Change a connection. What is not given stays, and so does its failure count."""
    with options.account(db) as flow:
        values = changes(asked, url=url)
        given = {key: value for key, value in values.items() if value not in ("", (), None)}
        connection = flow.edit(options.chosen(flow, name).id, **given)
        say_json(connection_object(connection)) if as_json else click.echo(
            f"{connection.name}: {connection.url}, {standing(connection)}"
        )


@click.command()
@click.argument("name")
@options.database
@options.as_json
def disconnect(name: str, db: Path, as_json: bool) -> None:
    """Remove a connection and all that was sent over it."""
    with options.account(db) as flow:
        connection = options.chosen(flow, name)
        flow.disconnect(connection.id)
        say_json(connection_object(connection)) if as_json else click.echo(f"Removed {connection.name}.")


def changes(asked: dict[str, Any], **more: Any) -> dict[str, Any]:
    secret = options.the_secret(asked["secret"], asked["secret_file"])
    values = {"secret": secret, "events": asked["events"] or EVENTS, "retries": asked["retries"] or "none", **more}
    if more:  # an edit: nothing has a default
        values |= {"events": asked["events"], "retries": asked["retries"]}
    return values if asked["same"] is None else values | {"resign": not asked["same"]}


COMMANDS = (connect, test, reconnect, edit, disconnect)
