"""The options that several commands share, and the errors that they print."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ..book import Book
from ..clock import WallClock
from ..inboundflow import InboundFlow
from ..payloads import LANGUAGES
from ..records import Connection, Refused
from ..sender import UnusableURL
from ..trouble import TROUBLES

Command = Callable[..., Any]
DATABASE = "mock-sender.db"
OR_TO = ", or give --to URL"


class DeliveryId(click.IntRange):
    """What `mock-sender log` counts them by, up to what SQLite can count to."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            raise click.UsageError(f"There is no delivery {value}: `mock-sender log` lists them.", ctx) from None


ID = DeliveryId(1, 2**63 - 1)

as_json = click.option("--json", "as_json", is_flag=True, help="JSON, for programs.")
seed = click.option("--seed", type=int, help="A number: the same one makes the same data again.")
language = click.option(
    "--lang", "language", type=click.Choice(sorted(LANGUAGES)),
    help="What the caller speaks; by default that of the receiver here (BUSINESS_LANGUAGE), or of the terminal.",
)  # fmt: skip
database = click.option(
    "--db", type=click.Path(dir_okay=False, path_type=Path), envvar="MOCK_SENDER_DB", default=DATABASE,
    show_default=True, help="Where connections and deliveries are kept [variable: MOCK_SENDER_DB].",
)  # fmt: skip
to = click.option("--to", "url", metavar="URL", help="Send to this address, and count no failures.")
troubles = click.option(
    "--trouble",
    "names",
    multiple=True,
    metavar="NAME",
    help="Send it with this trouble; `mock-sender troubles` lists them.",
)


def secrets(command: Command) -> Command:
    for option in (
        click.option(
            "--secret-file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A file that holds the secret.",
        ),
        click.option(
            "--secret",
            envvar="INBOUNDFLOW_SIGNING_SECRET",
            help="The signing secret [variable: INBOUNDFLOW_SIGNING_SECRET].",
        ),
    ):
        command = option(command)
    return command


class CannotGoOn(click.ClickException):
    """The command was typed well, and something it needs is not there: told without the usage above it."""

    exit_code = click.UsageError.exit_code


def the_secret(secret: str | None, secret_file: Path | None) -> str:
    """Raises CannotGoOn where it is no text, which the key of a signature has to be, or is given and empty."""
    is_typed = click.get_current_context().get_parameter_source("secret") is ParameterSource.COMMANDLINE
    if is_typed and not (secret or "").strip() and not secret_file:
        raise CannotGoOn(
            "--secret is empty: is the variable in it set in this terminal? Without --secret nothing is signed."
        )
    try:
        key = secret_file.read_text(encoding="utf-8").strip() if secret_file else secret or ""
        key.encode()
    except UnicodeError as error:
        where = secret_file or "--secret"
        raise CannotGoOn(f"The secret in {where} is not UTF-8 text: copy it anew.") from error
    except OSError as error:
        raise CannotGoOn(f"{secret_file} cannot be read ({error.strerror}). Give another file.") from error
    return key


def only_with_to(*given: str) -> None:
    """A connection has its own secret, and its deliveries are stamped when they are sent. Raises UsageError."""
    source = click.get_current_context().get_parameter_source
    typed = [name for name in given if source(name) is ParameterSource.COMMANDLINE]
    if typed:
        names = " and ".join("--" + name.replace("_", "-") for name in typed)
        raise click.UsageError(f"{names} goes with --to URL; a connection has its own, see `mock-sender edit --help`.")


def check_troubles(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in TROUBLES:
            raise click.UsageError(f"There is no trouble named {name}. `mock-sender troubles` lists them.")
    return names


@contextmanager
def telling() -> Iterator[None]:
    """Turn the sender's refusals into errors of the command line."""
    try:
        yield
    except (UnusableURL, Refused) as error:
        raise CannotGoOn(str(error)) from error
    except BrokenPipeError:
        raise SystemExit(1) from None


@contextmanager
def account(db: Path, *, new: bool = False, hint: str = "") -> Iterator[InboundFlow]:
    """The account kept in that file, which only `new` makes."""
    if not new and not db.exists():
        raise CannotGoOn(f"There is no connection yet in {db}: make one with `mock-sender connect URL`{hint}.")
    with telling():
        try:
            book = Book(db)
        except (sqlite3.Error, OSError) as error:
            raise CannotGoOn(f"{db} cannot be used ({error}). Give --db another file.") from error
        try:
            yield InboundFlow(book, clock=WallClock())
        except sqlite3.DatabaseError as error:
            raise CannotGoOn(f"{db}: {error}. Give --db another file.") from error
        finally:
            book.close()


def has_connections(db: Path) -> bool:
    """Whether somebody has made one in that file."""
    if not db.exists():
        return False
    with account(db) as flow:
        return bool(flow.connections())


def chosen(flow: InboundFlow, name: str | None) -> Connection:
    """The connection of that name, or the only one."""
    connections = flow.connections()
    matches = [connection for connection in connections if name in (None, connection.name, str(connection.id))]
    if len(matches) == 1:
        return matches[0]
    if not connections:
        raise CannotGoOn("There is no connection yet: make one with `mock-sender connect URL`.")
    names = ", ".join(connection.name for connection in connections)
    if name:
        raise CannotGoOn(f"There is no connection named {name}. There are: {names}.")
    raise click.UsageError(f"Say which connection: {names}.")
