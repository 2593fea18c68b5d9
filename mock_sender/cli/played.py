"""The command that plays the destinations behind a receiver."""

from __future__ import annotations

import json
import shlex
import signal
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..panel.texts import LANGUAGES
from . import options

if TYPE_CHECKING:
    from ..destinations import Destinations

INLINE, PATH = "GOOGLE_SERVICE_ACCOUNT_JSON", "GOOGLE_APPLICATION_CREDENTIALS"


@click.command(short_help="Play the destinations, and show what arrives.")
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="0: any that is free.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="The page's at first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line in place of the text, for programs.")
def destinations(port: int, lang: str, as_json: bool) -> None:
    """Play Slack, Google Sheets, HubSpot, Salesforce, Resend, Zapier, Make, n8n and a URL to forward to.

    They are on this machine alone, keep what they get until Ctrl-C, and refuse what the real ones refuse. A page
    shows what has arrived as the people who use them would see it. Export the lines that it prints in the terminal
    in which the receiver starts; those of a destination that you do not want to try can be left out.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that what is below is tidied up
    with suppress(KeyboardInterrupt), made(port, lang) as world:
        serve_a_program(world) if as_json else serve_a_person(world)


def made(port: int, lang: str) -> Destinations:
    try:
        from ..destinations import Destinations
    except ModuleNotFoundError as error:
        raise options.CannotGoOn(str(error)) from error
    try:
        return Destinations(port, lang=lang)
    except OSError as error:
        raise options.CannotGoOn(f"Cannot listen on 127.0.0.1:{port}: give --port another.") from error


def serve_a_program(world: Destinations) -> None:
    addresses = {"page_url": f"{world.url}/", "text_url": f"{world.url}/text", "state_url": f"{world.url}/state"}
    click.echo(json.dumps(addresses | {"env": world.every_env}))
    threading.Event().wait()


def serve_a_person(world: Destinations) -> None:
    with tempfile.TemporaryDirectory(prefix="mock-sender-") as folder:
        say(world, Path(folder))
        threading.Event().wait()


def say(world: Destinations, folder: Path) -> None:
    """The lines alone go to standard output, so that a shell can read them from a file."""
    click.echo(f"The played destinations run. What arrives is shown at {world.url}/ (Ctrl-C ends them).", err=True)
    click.echo("In the terminal of the receiver, before it starts:\n", err=True)
    for name, value in lines(world.every_env, folder).items():
        click.echo(f"export {name}={shlex.quote(value)}")
    click.echo("\nThe receiver then says by which command it is sent a call.", err=True)


def lines(env: dict[str, str], folder: Path) -> dict[str, str]:
    """The variables, with the service account's key in a file: it is too long for a line."""
    file = folder / "service-account.json"
    file.touch(mode=0o600)
    file.write_text(env[INLINE])
    named = env | {INLINE: str(file)}
    return {PATH if name == INLINE else name: value for name, value in named.items()}


COMMANDS = (destinations,)
