"""What the commands share: the inbox and the handlers they work on, and the options that select deliveries and runs."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click

from .. import data_dir, operations, registry, store
from .. import settings as environment
from ..errors import ConfigurationError, StoreError
from ..operations import STATES
from ..registry import Activation
from ..store import MOVED, is_closed

Command = Callable[..., Any]


as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
# One business has no source, so nobody is to wonder what it is.
of_source = click.option("--source", default=None, metavar="NAME", hidden=True, help="Of this one of several sources.")


@contextlib.contextmanager
def the_inbox(*, make: bool = False) -> Iterator[store.Database]:
    """The database of the receiver that runs with these variables, or is to. `make` makes a file where there is none.

    Raises ConfigurationError where there is none.
    """
    settings = environment.read(os.environ)
    environment.check_database(settings)
    if make:
        data_dir.make(settings)
    elif not settings.database_url and not settings.database_path.exists():
        raise ConfigurationError(
            f"There is no inbox at {settings.database_path}: set DATA_DIR or DATABASE_URL as for `receiver up`."
        )
    with contextlib.closing(store.connect(settings)) as db:
        store.ensure_schema(db, newest=True)
        if is_closed(db):
            click.echo(f"{MOVED} This is the file as it was closed.", err=True)
        yield db


def confirm(question: str, because: str, yes: bool) -> None:
    """Ends the command where nobody agrees; a script has to have agreed beforehand."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{because}: confirm with --yes, or look first with --dry-run.")
    click.confirm(question, abort=True)


def the_handlers() -> Sequence[Activation]:
    """Every handler under these variables, and under those of each source.

    Raises ConfigurationError where there is no folder of handlers, or SECRET_KEY does not open the sources' settings.
    """
    settings = environment.read(os.environ)
    try:
        routing = operations.Routing(settings, registry.discover("handlers"), os.environ)
    except ImportError as error:
        raise ConfigurationError(f"The handlers cannot be loaded: {type(error).__name__}: {error}") from error
    if not settings.database_url and not settings.database_path.exists():
        return routing.single()
    with contextlib.closing(store.connect(settings)) as db:
        try:
            return routing.activations(db)
        except StoreError:  # whatever looks at the inbox itself tells of that
            return routing.single()


def selecting(command: Command) -> Command:
    """The options that select deliveries and runs."""
    for option in reversed(
        (
            click.option("--event", default="", help="Of this kind, for example call.completed."),
            click.option("--call", "call_id", default="", metavar="ID", help="Of this call."),
            click.option("--handler", default="", help="With a run of this handler, for example slack.post."),
            click.option("--target", default=None, help="At this one of a handler's several targets."),
            click.option("--state", type=click.Choice(STATES), help="With a run in this state."),
            click.option("--error", default="", help="Whose last attempt met this: refused-503, or some words."),
            click.option("--caller", metavar="NUMBER", help="Of calls from this number."),
            click.option("--since", metavar="TIME", help="Received since: 2h, 3d, 2026-11-24 or 2026-11-24T09:30Z."),
            click.option("--until", metavar="TIME", help="Received before that time."),
            of_source,
        )
    ):
        command = option(command)
    return command
