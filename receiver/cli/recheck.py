"""The command that verifies again what was refused."""

from __future__ import annotations

import os

import click

from .. import operations
from .. import settings as environment
from ..locales import Text, Texts, joined, stamp
from ..operations import Checked, Rechecked, mistake_text
from .shared import as_json, of_source, the_inbox
from .text import echo, print_json, print_table

# fmt: off
TEXTS = Texts({
    "received":    ("received", "recibida"),
    "delivery":    ("delivery", "entrega"),
    "event":       ("event", "evento"),
    "refused":     ("refused as", "rechazada por"),
    "now":         ("now", "ahora"),
    "and":         (" and ", " y "),
    "unexplained": ("no usual mistake explains it: a stranger's, or another secret",
                    "ningún error habitual lo explica: es de un extraño, o de otro secreto"),
    "kept":        ("is kept already", "ya está guardada"),
    "would":       ("would be taken in", "se guardaría"),
    "taken":       ("taken in", "guardada"),
    "empty":       ("Nothing is kept aside.", "No hay nada apartado."),
    "summary":     ("{stored} taken in, {duplicate} kept already, {left} left aside.",
                    "{stored:guardada|guardadas}, {duplicate} ya en la bandeja, {left:sigue aparte|siguen aparte}."),
    "dry_summary": ("{stored} would be taken in, {duplicate} kept already, {left} left aside. Nothing was changed "
                    "(--dry-run).",
                    "{stored} por guardar, {duplicate} ya en la bandeja, {left:sigue aparte|siguen aparte}. No se "
                    "cambió nada (--dry-run)."),
})
# fmt: on


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and do nothing.")
@of_source
@as_json
def recheck(dry_run: bool, source: str | None, as_json: bool) -> None:
    """Verify again what was refused, with the secrets that are set now, and take in what is genuine.

    Refused requests that look like InboundFlow's are kept aside for 7 days, the newest 200. After a wrong secret was
    put right, those that match become deliveries, each once; one that does not match never does. Their timestamps
    are compared with the time at which they came. Run it with the receiver's variables.
    """
    settings = environment.read(os.environ)
    with the_inbox() as db:
        rechecked = operations.recheck(db, settings, source=source, dry_run=dry_run)
    if as_json:
        return print_json(rechecked.to_json())
    heads = [TEXTS(name) for name in ("received", "delivery", "event", "refused", "now")]
    rows = [
        (stamp(request.received_us), named(request), request.event, request.reason, result(request, dry_run))
        for request in rechecked.requests
    ]
    print_table([heads, *rows] if rows else [])
    echo(summary(rechecked))


def named(request: Checked) -> str:
    return f"{request.delivery_id} [{request.source}]" if request.source else request.delivery_id


def result(request: Checked, dry_run: bool) -> Text:
    if request.result == "left":
        return joined(TEXTS("and"), map(mistake_text, request.mistakes)) or TEXTS("unexplained")
    if request.result == "duplicate":
        return TEXTS("kept")
    return TEXTS("would" if dry_run else "taken")


def summary(rechecked: Rechecked) -> Text:
    if not rechecked.requests:
        return TEXTS("empty")
    stored, duplicate, left = map(rechecked.count, ("stored", "duplicate", "left"))
    return TEXTS("dry_summary" if rechecked.dry_run else "summary", stored=stored, duplicate=duplicate, left=left)
