"""The command that moves a SQLite inbox to Postgres."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from .. import settings as environment
from ..errors import ConfigurationError, StoreError
from ..moving import Compared, Copy
from ..store import open_postgres, open_sqlite, was_moved
from .text import say_json, say_table

if TYPE_CHECKING:
    from ..store import Postgres, Sqlite


@click.command()
@click.option("--to", "url", metavar="URL", help="The Postgres to copy to: postgres://user:password@host:5432/database")
@click.option("--cutover", is_flag=True, help="The last step: close the file, bring over the rest, and verify it.")
@click.option("--undo-cutover", is_flag=True, help="Open the file again, before a receiver was started on the other.")
@click.option("--force", is_flag=True, help="With --undo-cutover: also where one was, or where that cannot be seen.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
def copy(url: str | None, cutover: bool, undo_cutover: bool, force: bool, as_json: bool) -> None:
    """Move the inbox from the SQLite file in DATA_DIR to Postgres, while the receiver goes on working.

    Run it as often as you like: it brings over what is missing or has changed, also after it was stopped half-way.
    With --cutover the receiver on the file answers 503 from then on, which is a failure for InboundFlow, so start
    the new one at once: ten in a row disable the webhook. Exit code 0 only when both sides are the same.
    """
    settings = environment.read(os.environ)
    if settings.database_url:
        raise ConfigurationError("Unset DATABASE_URL for this command: it copies the SQLite file in DATA_DIR.")
    if not settings.database_path.exists():
        raise ConfigurationError(f"There is no inbox at {settings.database_path}: set DATA_DIR as for `receiver up`.")
    with contextlib.closing(open_sqlite(settings.database_path)) as source:
        if undo_cutover and not source.commit(was_moved):
            return click.echo("The file is open: there was no cut-over.")
        if undo_cutover:
            undo(source, url, force=force)
            return click.echo("The file is open again: the receiver on it goes on.")
        if not url:
            raise click.UsageError("Say where to copy to: --to postgres://user:password@host:5432/database")
        with contextlib.closing(open_postgres(url)) as target:
            check_it_answers(target)
            found = move(Copy(source, target), cutover=cutover, quiet=as_json)
    same = not any(one.different for one in found)
    if as_json:
        say_json({"tables": [asdict(one) for one in found], "same": same, "cutover": cutover})
    else:
        told(found, same=same, cutover=cutover)
    sys.exit(0 if same else 1)


def check_it_answers(target: Postgres) -> None:
    try:
        target.read("SELECT 1")
    except StoreError as error:
        raise ConfigurationError(f"The Postgres of --to does not answer: {error}") from error


def undo(source: Sqlite, url: str | None, *, force: bool) -> None:
    if not url and not force:
        raise click.UsageError("Say where it was moved, so that can be seen whether a receiver worked there: --to …")
    with contextlib.closing(open_postgres(url or "postgres://")) as target:
        copying = Copy(source, target)
        if not force:
            check_it_answers(target)
            copying.check_unused()
        copying.reopen_source()


def move(copying: Copy, *, cutover: bool, quiet: bool) -> list[Compared]:
    copying.prepare()
    bring_over(copying, quiet=quiet)
    if cutover:
        copying.close_source()
        bring_over(copying, quiet=True)
    return copying.verify()


def bring_over(copying: Copy, *, quiet: bool) -> None:
    for one in copying.run():
        if not quiet:
            click.echo(f"{one.table}: {one.here} rows, {one.different} brought over", err=True)


def told(found: list[Compared], *, same: bool, cutover: bool) -> None:
    rows = [(one.table, str(one.here), str(one.there), str(one.different)) for one in found]
    say_table([("table", "rows here", "rows there", "different"), *rows])
    if not same and cutover:
        click.echo(
            "The two sides differ. Run this again; with --undo-cutover in place of --cutover the file is opened again."
        )
    elif not same:
        click.echo("What differs came or changed since: run this again, and at last with --cutover.")
    elif cutover:
        click.echo("All is there. Now set DATABASE_URL to that address, and start the receiver again.")
        click.echo(
            "The file is closed: a receiver on it answers 503. The same command with --undo-cutover would open it."
        )
    else:
        click.echo("All is there. The last step: the same command with --cutover.")
