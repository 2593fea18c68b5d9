"""What the commands share: the inbox and the handlers they work on, and the options that select deliveries and runs."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from difflib import get_close_matches
from typing import Any

import click

from .. import data_dir, operations, registry, store
from .. import settings as environment
from ..errors import ConfigurationError, StoreError
from ..locales import Locale, Texts
from ..operations import STATES, did_you_mean, handler_among
from ..registry import Activation
from ..store import MOVED, is_closed
from . import helps
from .text import LOCALE, echo, for_people, the_locale

Command = Callable[..., Any]
# fmt: off
TEXTS = Texts({
    "no_inbox": ("There is no inbox at {path}: set DATA_DIR or DATABASE_URL as for `receiver up`.",
                 "No hay bandeja de entrada en {path}: define DATA_DIR o DATABASE_URL como para `receiver up`."),
    "closed":   ("{moved} This is the file as it was closed.", "{moved} Este es el archivo tal como se cerró."),
    "confirm":  ("{because}: confirm with --yes, or look first with --dry-run.",
                 "{because}: confírmalo con --yes, o mira antes con --dry-run."),
    "no_source": ("There is no business {name}.{meant}", "No hay ningún negocio {name}.{meant}"),
    "handlers": ("The handlers cannot be loaded: {error}", "No se pueden cargar los handlers: {error}"),
})
# fmt: on


as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
of_source = click.option("--source", default=None, metavar="NAME", help="Of this one of several businesses.")


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
        raise ConfigurationError(TEXTS("no_inbox", path=str(settings.database_path)))
    with contextlib.closing(store.connect(settings)) as db:
        store.ensure_schema(db, newest=True)
        if is_closed(db):
            echo(TEXTS("closed", moved=MOVED), err=True)
        yield db


def confirm(question: str, because: str, yes: bool) -> None:
    """Ends the command where nobody agrees; a script has to have agreed beforehand."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(for_people(TEXTS("confirm", because=because)))
    click.confirm(for_people(question), abort=True)


def the_handlers() -> Sequence[Activation]:
    """Every handler under these variables, and under those of each source.

    Raises ConfigurationError where there is no folder of handlers, or SECRET_KEY does not open the sources' settings.
    """
    settings = environment.read(os.environ)
    try:
        routing = operations.Routing(settings, registry.discover("handlers"), os.environ)
    except ImportError as error:
        raise ConfigurationError(TEXTS("handlers", error=f"{type(error).__name__}: {error}")) from error
    if not settings.database_url and not settings.database_path.exists():
        return routing.single()
    with contextlib.closing(store.connect(settings)) as db:
        try:
            return routing.activations(db)
        except StoreError:  # whatever looks at the inbox itself tells of that
            return routing.single()


def zone_of(source: str | None) -> tzinfo:
    """The zone in which times are typed: that of the business that is named."""
    return locale_of_source(source).zone


def locale_of_source(source: str | None) -> Locale:
    """How the people at the business that is named read; without a name, whoever typed the command."""
    settings = environment.read(os.environ)
    if not source or not (settings.database_url or settings.database_path.exists()):
        return the_locale()
    with contextlib.closing(store.connect(settings)) as db:
        try:
            others = operations.SourceSettings(db, settings)
            if source not in others.named():  # of one that was removed there may be deliveries still
                meant = did_you_mean(source, others.named())
                echo(TEXTS("no_source", name=source, meant=meant), err=True)
            return others.of(source).locale
        except StoreError:  # whatever looks at the inbox itself tells of that
            return the_locale()


def read_by(source: str | None) -> None:
    """From here on the command prints in the language of the business that is named, and by its clock."""
    click.get_current_context().meta[LOCALE] = locale_of_source(source)


class Choice(click.Choice):  # type: ignore[type-arg]  # it takes none before click 8.2
    """One that names the word that must have been meant."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        message = super().get_invalid_choice_message(value, ctx)
        close = get_close_matches(str(value).lower(), list(map(str, self.choices)), 1)
        return f"{message} Did you mean {close[0]}?" if close else message


def selecting(command: Command) -> Command:
    """The options that select deliveries and runs; the command is also given the zone of the times in them."""

    @functools.wraps(command)
    def with_zone(*args: Any, handler: str, **criteria: Any) -> Any:
        handler = handler and handler_among(the_handlers(), handler)
        return command(*args, handler=handler, zone=zone_of(criteria.get("source")), **criteria)

    for option in reversed(
        (
            click.option(
                "--event", default="", shell_complete=helps.events, help="Of this kind, for example call.completed."
            ),
            click.option("--call", "call_id", default="", metavar="ID", help="Of this call: its id, or the beginning."),
            click.option(
                "--handler",
                default="",
                shell_complete=helps.handlers,
                help="With a run of this handler: slack, or slack.post.",
            ),
            click.option("--target", default=None, help="At this one of a handler's several targets."),
            click.option("--state", type=Choice(STATES), help="With a run in this state."),
            click.option("--error", default="", help="Whose last attempt met this: refused-503, or some words."),
            click.option("--caller", metavar="NUMBER", help="Of calls from this number."),
            click.option(
                "--since",
                metavar="TIME",
                shell_complete=helps.times,
                help="Received since then: today, yesterday, 2h, 7d, 2026-11-24.",
            ),
            click.option("--until", metavar="TIME", help="Received before that time, in BUSINESS_TIMEZONE."),
            of_source,
        )
    ):
        with_zone = option(with_zone)
    return with_zone
