"""The command line."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable

import click

from . import settings as environment
from .errors import ConfigurationError
from .settings import Settings

LISTEN_FD = "INBOUNDFLOW_LISTEN_FD"  # the socket that `receiver up` holds, as a number
CONFIGURATION_EXIT = 2


def main() -> None:
    """Run a command; what is set up wrongly is said in a sentence, and the exit code is 2."""
    try:
        commands(standalone_mode=True)
    except ConfigurationError as error:
        click.echo(f"receiver: {error}", err=True)
        sys.exit(CONFIGURATION_EXIT)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="inboundflow-receiver", prog_name="receiver")
def commands() -> None:
    """Receives InboundFlow's webhooks, keeps every one, and brings each call to Slack, Google Sheets or a CRM.

    Start with `receiver up`.
    """


@commands.command()
@click.option("--demo", is_flag=True, help="Play a phone call, and show where its events arrive. Touches nothing real.")
@click.option("--host", help="Listen on this address (default: HOST, else 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Listen on this port (default: PORT, else 8000).")
def up(demo: bool, host: str | None, port: int | None) -> None:
    """Run everything on this machine: the web process, the worker, and a Redis of its own.

    Deliveries are received at http://HOST:PORT/webhooks/inboundflow and kept in DATA_DIR (default: var/ in the
    checkout). Where each call goes is decided by variables, for example:

        SLACK_WEBHOOK_URL=https://hooks.slack.com/services/… receiver up

    Without INBOUNDFLOW_SIGNING_SECRET it makes a secret, on your own machine only. Ctrl-C ends all of it.
    """
    from . import up as room

    log_to_stderr()
    changes = {name: str(value) for name, value in (("HOST", host), ("PORT", port)) if value is not None}
    run = room.demonstrate if demo else room.serve
    sys.exit(run({**os.environ, **changes}))


@commands.command()
def web() -> None:
    """Run the web process: it receives and keeps deliveries."""
    from . import app

    fd = os.environ.get(LISTEN_FD)
    run(lambda settings: app.serve(settings, int(fd) if fd else None))


@commands.command()
def worker() -> None:
    """Run the worker: it brings what was kept to the destinations."""
    from . import worker as room

    run(room.serve)


@commands.command()
@click.argument("handler")
@click.argument("target", default="")
def resume(handler: str, target: str) -> None:
    """End the pause of HANDLER, for example slack.post, once what it paused for is mended.

    A destination pauses when every next call would be refused too, such as after a token was revoked. The worker
    logs the reason. Its runs wait, and go on within seconds. TARGET names one URL of several.
    """
    from . import inbox

    path = environment.read(os.environ).database_path
    if not path.exists():
        raise ConfigurationError(f"There is no inbox at {path}: set DATA_DIR as it is for `receiver up`.")
    runs = inbox.Runs(inbox.Sqlite(path))
    if runs.resume(handler, target):
        click.echo(f"{handler} {target}".rstrip() + " goes on.")
        return
    others = ", ".join(" ".join(pair).rstrip() for pair in sorted(runs.paused())) or "nothing"
    click.echo(f"{handler} {target}".rstrip() + f" is not paused; paused is {others}.", err=True)
    sys.exit(1)


def run(serve: Callable[[Settings], None]) -> None:
    log_to_stderr()
    serve(environment.read(os.environ))


def log_to_stderr() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("receiver").setLevel(logging.INFO)
