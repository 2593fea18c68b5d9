"""The commands with which personal data goes: one person's, and all that is old."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace

import click

from .. import operations
from .. import settings as environment
from ..locales import Texts, stamp
from ..operations import Erased, Pruned, receipt
from .shared import as_json, confirm, of_source, the_handlers, the_inbox
from .text import echo, for_people, print_json, progress_bar

# fmt: off
TEXTS = Texts({
    "looking":  ("Looking at every delivery", "Mirando cada entrega"),
    "erasing":  ("Erasing", "Borrando"),
    "erase":    ("Erase that for good?", "¿Borrar eso para siempre?"),
    "for_good": ("It erases for good", "Borra para siempre"),
    "receipt":  ("Receipt, {at}:", "Comprobante, {at}:"),
    "dry_run":  ("Nothing was changed (--dry-run).", "No se cambió nada (--dry-run)."),
    "how_old":  ("Say how old: --older-than DAYS, or set RETENTION_DAYS.",
                 "Di de cuántos días: --older-than DAYS, o define RETENTION_DAYS."),
    "remove":   ("Remove {n:delivery|deliveries} for good?", "¿Quitar {n:entrega|entregas} para siempre?"),
    "removes":  ("It removes for good", "Quita para siempre"),
    "removing": ("Removing", "Quitando"),
    "emptied":  ("{n:delivery|deliveries} older than {days:day|days} emptied.",
                 "{n:entrega|entregas} de más de {days:día|días}, {n:=vaciada|vaciadas}."),
    "would_emptied": ("{n:delivery|deliveries} older than {days:day|days} would be emptied.",
                      "Se {n:=vaciaría|vaciarían} {n:entrega|entregas} de más de {days:día|días}."),
    "gone":     ("{n:conflict, count of rejections or note|conflicts, counts of rejections and notes} as old gone.",
                 "{n:conflicto, recuento de rechazos o nota|conflictos, recuentos de rechazos y notas} de la misma "
                 "edad, {n:=quitado|quitados}."),
    "would_gone": ("{n:conflict, count of rejections or note|conflicts, counts of rejections and notes} as old would "
                   "go.",
                   "Se {n:=quitaría|quitarían} {n:conflicto, recuento de rechazos o nota|conflictos, recuentos de "
                   "rechazos y notas} de la misma edad."),
    "open":     ("{n} as old left alone: they still have work to be done.",
                 "{n} de la misma edad {n:=se queda|se quedan}: todavía {n:=le|les} falta algo por enviar."),
})
# fmt: on


@click.command()
@click.option("--phone", "phones", multiple=True, metavar="NUMBER", help="Who called from this number: +34600000000.")
@click.option("--email", "emails", multiple=True, metavar="ADDRESS", help="Who gave this e-mail address.")
@click.option("--call", "calls", multiple=True, metavar="ID", help="Who made this call: its id, or the beginning.")
@click.option("--at-destinations", is_flag=True, help="Delete there too what the receiver brought there, where it can.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask back.")
@of_source
@as_json
def erase(
    phones: tuple[str, ...],
    emails: tuple[str, ...],
    calls: tuple[str, ...],
    at_destinations: bool,
    dry_run: bool,
    yes: bool,
    source: str | None,
    as_json: bool,
) -> None:
    """Erase a person: everything that is kept of their calls, for good.

    All deliveries of all calls from a number, or with an address. Of each its id, its event and its times stay, so
    that InboundFlow's repeat of it is known; a call that comes later is kept. What waits ends, and what is running is
    waited for. What lies at destinations and in backups is listed, and not deleted: keep what this prints.

    With --at-destinations what the receiver brought there is deleted there first, where the destination lets it:
    afterwards the receiver no longer knows where that lies. What a destination refuses for now stays known, and is
    tried again by the next such command, whoever that is for. A contact or a lead in a CRM is named, and never deleted.

        receiver erase --phone +34600000000 --at-destinations --dry-run
    """
    who = operations.subject(phones=phones, emails=emails, calls=calls, source=source)
    settings, activations = environment.read(os.environ), the_handlers()
    with the_inbox() as db:
        who = replace(who, calls=tuple(operations.call_named(db, call, source=source) or call for call in calls))
        with progress_bar(TEXTS("looking"), operations.deliveries_kept(db)) as advance:
            erased = operations.erase(
                db, settings, activations, who, dry_run=True, at_destinations=at_destinations, advance=advance
            )
        if not dry_run:
            if not (as_json or yes or erased.is_empty):
                print_receipt(erased)
            confirm(TEXTS("erase"), TEXTS("for_good"), yes or erased.is_empty)
            with progress_bar(TEXTS("erasing"), operations.deliveries_kept(db)) as advance:
                erased = operations.erase(
                    db, settings, activations, who, at_destinations=at_destinations, advance=advance
                )
    if as_json:
        print_json(erased.to_json())
    else:
        print_receipt(erased)
    sys.exit(1 if erased.is_empty or erased.owed or not erased.purged else 0)


def print_receipt(erased: Erased) -> None:
    if not (erased.dry_run or erased.is_empty):
        echo(TEXTS("receipt", at=stamp(time.time_ns() // 1000)))
    for line in receipt(erased):
        echo(line)
    if erased.dry_run:
        echo(TEXTS("dry_run"))


@click.command()
@click.option(
    "--older-than",
    type=click.IntRange(1, 36_500),
    metavar="DAYS",
    help="Received so long ago (default: RETENTION_DAYS).",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask back.")
@of_source
@as_json
def prune(older_than: int | None, dry_run: bool, yes: bool, source: str | None, as_json: bool) -> None:
    """Remove what is old: what deliveries said and what became of them, for good.

    Their ids, events and times stay, so that a repeat is known. What still has work to be done is left alone; dead
    letters go too. Deliveries are received meanwhile. With RETENTION_DAYS the worker does this by itself, every hour.
    A SQLite file does not get smaller by it: the space is used again.

        receiver prune --older-than 90 --dry-run
    """
    settings = environment.read(os.environ)
    with the_inbox() as db:
        own = operations.SourceSettings(db, settings)
        days = older_than or (own.of(source) if source else settings).retention_days or settings.retention_days
        if not days:
            raise click.UsageError(for_people(TEXTS("how_old")))
        kept_otherwise = [name for name, each in own.named().items() if each.retention_days and not older_than]
        scope = operations.Scope(source=source, but=tuple(kept_otherwise))
        pruned = operations.prune(db, days, scope=scope, dry_run=True, audit_days=settings.audit_days)
        if not dry_run:
            confirm(TEXTS("remove", n=pruned.deliveries), TEXTS("removes"), yes)
            with progress_bar(TEXTS("removing"), pruned.deliveries + pruned.beside) as advance:
                pruned = operations.prune(db, days, scope=scope, audit_days=settings.audit_days, advance=advance)
    if as_json:
        print_json(pruned.to_json())
    else:
        print_pruned(pruned)


def print_pruned(pruned: Pruned) -> None:
    verb = "would_" if pruned.dry_run else ""
    echo(TEXTS(f"{verb}emptied", n=pruned.deliveries, days=pruned.older_than_days))
    if pruned.beside:
        echo(TEXTS(f"{verb}gone", n=pruned.beside))
    if pruned.open:
        echo(TEXTS("open", n=pruned.open))
    if pruned.dry_run:
        echo(TEXTS("dry_run"))
