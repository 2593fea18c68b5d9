"""The commands with which personal data goes: one person's, and all that is old."""

from __future__ import annotations

import os
import sys

import click

from .. import operations
from .. import settings as environment
from ..operations import Erased, Pruned, receipt
from .shared import as_json, confirm, of_source, the_handlers, the_inbox
from .text import print_json


@click.command()
@click.option("--phone", "phones", multiple=True, metavar="NUMBER", help="Who called from this number: +34600000000.")
@click.option("--email", "emails", multiple=True, metavar="ADDRESS", help="Who gave this e-mail address.")
@click.option("--call", "calls", multiple=True, metavar="ID", help="This call.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask back.")
@of_source
@as_json
def erase(
    phones: tuple[str, ...],
    emails: tuple[str, ...],
    calls: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    source: str | None,
    as_json: bool,
) -> None:
    """Erase a person: everything that is kept of their calls, for good.

    All deliveries of all calls from a number, or with an address. Of each its id, its event and its times stay, so
    that InboundFlow's repeat of it is known; a call that comes later is kept. What waits ends, and what is running is
    waited for. What lies at destinations and in backups is listed, and not deleted: keep what this prints.

        receiver erase --phone +34600000000 --dry-run
    """
    who = operations.subject(phones=phones, emails=emails, calls=calls, source=source)
    settings, activations = environment.read(os.environ), the_handlers()
    with the_inbox() as db:
        erased = operations.erase(db, settings, activations, who, dry_run=True)
        if not dry_run:
            if not (as_json or yes or erased.is_empty):
                print_receipt(erased)
            confirm("Erase that for good?", "It erases for good", yes or erased.is_empty)
            erased = operations.erase(db, settings, activations, who)
    if as_json:
        print_json(erased.to_json())
    else:
        print_receipt(erased)
    sys.exit(1 if erased.is_empty or not erased.purged else 0)


def print_receipt(erased: Erased) -> None:
    for line in receipt(erased):
        click.echo(line)
    if erased.dry_run:
        click.echo("Nothing was changed (--dry-run).")


@click.command()
@click.option(
    "--older-than",
    type=click.IntRange(1, 36_500),
    metavar="DAYS",
    help="Received so long ago (default: RETENTION_DAYS).",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask back.")
@as_json
def prune(older_than: int | None, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Remove what is old: what deliveries said and what became of them, for good.

    Their ids, events and times stay, so that a repeat is known. What still has work to be done is left alone; dead
    letters go too. Deliveries are received meanwhile. With RETENTION_DAYS the worker does this by itself, every hour.
    A SQLite file does not get smaller by it: the space is used again.

        receiver prune --older-than 90 --dry-run
    """
    settings = environment.read(os.environ)
    days = older_than or settings.retention_days
    if not days:
        raise click.UsageError("Say how old: --older-than DAYS, or set RETENTION_DAYS.")
    with the_inbox() as db:
        pruned = operations.prune(db, days, dry_run=True, audit_days=settings.audit_days)
        if not dry_run:
            confirm(f"Remove {pruned.deliveries} deliveries for good?", "It removes for good", yes)
            pruned = operations.prune(db, days, audit_days=settings.audit_days)
    if as_json:
        print_json(pruned.to_json())
    else:
        print_pruned(pruned)


def print_pruned(pruned: Pruned) -> None:
    verb = "would be emptied" if pruned.dry_run else "emptied"
    click.echo(f"{pruned.deliveries} deliveries older than {pruned.older_than_days} days {verb}.")
    if pruned.beside:
        verb = "would go" if pruned.dry_run else "gone"
        click.echo(f"{pruned.beside} conflicts, counts of rejections and notes as old {verb}.")
    if pruned.open:
        click.echo(f"{pruned.open} as old left alone: they still have work to be done.")
    if pruned.dry_run:
        click.echo("Nothing was changed (--dry-run).")
