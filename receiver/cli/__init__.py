"""The command line."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from pathlib import Path

import click

from .. import data_dir, logs, store
from .. import settings as environment
from ..errors import ConfigurationError, NotFound, OperationError, StoreError
from ..locales import Texts
from ..operations import CALLED_AS, command, program
from ..settings import Settings
from .helps import helpful
from .text import echo, sentence_of

LISTEN_FD = "INBOUNDFLOW_LISTEN_FD"  # the socket that `receiver up` holds, as a number
CONFIGURATION_EXIT = 2
PAGES = Path(sys.prefix, "share", "doc", "inboundflow-receiver")  # where pyproject.toml has the wheel put them
NO_HOME = "/nonexistent"  # as Debian has it for users without one
# fmt: off
TEXTS = Texts({
    "store":    ("receiver: the inbox does not answer: {problem}. {command} says what to do.",
                 "receiver: la bandeja de entrada no responde: {problem}. {command} dice qué hacer."),
    "migrated": ("The inbox's tables were brought up by {steps:step|steps}.",
                 "Las tablas de la bandeja de entrada avanzaron {steps:paso|pasos}."),
    "current":  ("The inbox's tables are up to date.", "Las tablas de la bandeja de entrada están al día."),
})
# fmt: on
FILES = {
    "doctor": "doctor",
    **dict.fromkeys(("deliveries", "show"), "find"),
    **dict.fromkeys(("replay", "cancel"), "repair"),
    "jobs": "jobs",
    **dict.fromkeys(("pause", "resume"), "pauses"),
    **dict.fromkeys(("today", "yesterday"), "today"),
    "recheck": "recheck",
    "copy": "copy",
    **dict.fromkeys(("erase", "prune"), "privacy"),
    "setup": "setup",
    "sources": "sources",
    "tokens": "tokens",
    "people": "people",
    **dict.fromkeys(("password", "dashboard-link"), "dashboard"),
    "alert": "alert",
    "new": "new",
}


def main() -> None:
    """Run a command; what is set up wrongly is said in a sentence, and the exit code is 2."""
    os.umask(data_dir.UMASK)
    print_anything()
    have_home()
    os.environ[CALLED_AS] = program()  # for what is advised, in the log of the worker too
    try:
        commands(standalone_mode=True)
    except ConfigurationError as error:
        click.echo(f"receiver: {sentence_of(error)}", err=True)
        sys.exit(CONFIGURATION_EXIT)
    except StoreError as error:
        echo(TEXTS("store", problem=sentence_of(error), command=f"`{command('doctor')}`"), err=True)
        sys.exit(1)


def print_anything() -> None:
    """A sign that the terminal's locale does not have is written as an escape, and is no error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def have_home() -> None:
    """Some libraries ask for it when they are imported, and fail where there is none, as in a container."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = NO_HOME


class Commands(click.Group):
    """Loads the file of a command when that is wanted: a driver or an HTTP client takes longer than all the rest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *FILES])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in FILES:
            return helpful(getattr(import_module(f".{FILES[name]}", __package__), name.replace("-", "_")), name)
        command = super().get_command(ctx, name)
        return helpful(command, name) if command else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Of a name that does not exist it says which was meant."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            close = get_close_matches(name, self.list_commands(ctx), 1)
            meant = f" Did you mean '{close[0]}'?" if close else ""
            raise click.UsageError(f"No such command '{name}'.{meant}", ctx)
        return super().resolve_command(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say where the pages are that messages name; in a checkout they are where they are named."""
        if not environment.is_checkout() and PAGES.is_dir():
            formatter.write(f"\nThe pages that it names (recipes/…, docs/…) are in:\n  {PAGES}\n")

    def invoke(self, ctx: click.Context) -> object:
        """What a person asked for and cannot have is told as a mistake in an option is."""
        try:
            return super().invoke(ctx)
        except NotFound as error:
            click.echo(sentence_of(error), err=True)
            sys.exit(1)
        except OperationError as error:
            raise click.UsageError(sentence_of(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
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

    Deliveries are received at http://HOST:PORT/webhooks/inboundflow and kept in DATA_DIR (default: var/ in a
    checkout, else ~/.local/share/inboundflow-receiver). Where each call goes is decided by variables, for example:

        SLACK_WEBHOOK_URL=https://hooks.slack.com/services/… receiver up

    Without INBOUNDFLOW_SIGNING_SECRET it makes a secret, on your own machine only. Ctrl-C ends all of it.
    """
    from .. import up as room

    changes = {name: str(value) for name, value in (("HOST", host), ("PORT", port)) if value is not None}
    env = {**os.environ, **changes}
    log_to_stderr(logs.TEXT if demo else environment.read(env).log_format)
    run = room.demonstrate if demo else room.serve
    sys.exit(run(env))


@commands.command()
def web() -> None:
    """Run the web process: it receives and keeps deliveries."""
    from ..app import serve

    fd = os.environ.get(LISTEN_FD)
    run(lambda settings: serve(settings, int(fd) if fd else None))


@commands.command()
def worker() -> None:
    """Run the worker: it brings what was kept to the destinations."""
    from .. import queue
    from .. import worker as room
    from ..telemetry import WorkerObserver

    queue.check_url(environment.read(os.environ))
    run(partial(room.serve, observe=partial(WorkerObserver, env=os.environ)))


@commands.command()
def migrate() -> None:
    """Bring the database to this version's tables. Changes nothing where they are there.

    Needed once, and after each upgrade, where DATABASE_URL names a Postgres; `receiver up` does it by itself.
    """
    settings = environment.read(os.environ)
    environment.check_database(settings)
    data_dir.make(settings)
    steps = store.migrate(store.connect(settings))
    echo(TEXTS("migrated", steps=steps) if steps else TEXTS("current"))


def run(serve: Callable[[Settings], None]) -> None:
    settings = environment.read(os.environ)
    log_to_stderr(settings.log_format)
    serve(settings)


def log_to_stderr(log_format: str = logs.TEXT) -> None:
    logs.start(log_format)
