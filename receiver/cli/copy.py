"""The command that moves a SQLite inbox to Postgres."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import asdict
from functools import partial

import click

from .. import moving
from .. import settings as environment
from ..locales import Texts
from ..moving import Compared
from .shared import as_json
from .text import echo, print_json, print_table, progress_bar

# fmt: off
TEXTS = Texts({
    "opened":    ("The file is open again: the receiver on it goes on.",
                  "El archivo vuelve a estar abierto: el receptor sigue con él."),
    "open":      ("The file is open: there was no cut-over.", "El archivo está abierto: no hubo traslado definitivo."),
    "copying":   ("Copying and comparing", "Copiando y comparando"),
    "table":     ("table", "tabla"),
    "here":      ("rows here", "filas aquí"),
    "there":     ("rows there", "filas allí"),
    "different": ("different", "distintas"),
    "progress":  ("{table}: {here:row|rows}, {different} brought over",
                  "{table}: {here:fila|filas}, {different} traídas"),
})
# fmt: on


@click.command()
@click.option("--to", "url", metavar="URL", help="The Postgres to copy to: postgres://user:password@host:5432/database")
@click.option("--cutover", is_flag=True, help="The last step: close the file, bring over the rest, and verify it.")
@click.option("--undo-cutover", is_flag=True, help="Open the file again, before a receiver was started on the other.")
@click.option("--force", is_flag=True, help="With --undo-cutover: also where one was, or where that cannot be seen.")
@as_json
def copy(url: str | None, cutover: bool, undo_cutover: bool, force: bool, as_json: bool) -> None:
    """Move the inbox from the SQLite file in DATA_DIR to Postgres, while the receiver goes on working.

    Run it as often as you like: it brings over what is missing or has changed, also after it was stopped half-way.
    With --cutover the receiver on the file answers 503 from then on, which is a failure for InboundFlow, so start
    the new one at once: ten in a row disable the webhook.
    """
    with contextlib.closing(moving.open_source(environment.read(os.environ), url or "")) as source:
        if undo_cutover:
            was_closed = moving.undo_cut_over(source, url or "", force=force)
            return echo(TEXTS("opened" if was_closed else "open"))
        is_quiet = as_json or sys.stderr.isatty()  # where the bar is seen instead
        bar = partial(progress_bar, TEXTS("copying"))
        moved = moving.move(source, url or "", cut_over=cutover, progress=None if is_quiet else print_progress, bar=bar)
    if as_json:
        print_json({"tables": [asdict(table) for table in moved.tables], "same": moved.same, "cutover": cutover})
    else:
        rows = [(table.table, str(table.here), str(table.there), str(table.different)) for table in moved.tables]
        print_table([[TEXTS(name) for name in ("table", "here", "there", "different")], *rows])
        echo(moved.next_step)
    sys.exit(0 if moved.same else 1)


def print_progress(table: Compared) -> None:
    echo(TEXTS("progress", table=table.table, here=table.here, different=table.different), err=True)
