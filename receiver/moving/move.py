"""The steps of a move, and of the way back: which may be taken when."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import ConfigurationError, OperationError, StoreError
from ..locales import Text, Texts
from ..settings import Settings
from ..store import open_postgres, open_sqlite, was_moved
from .compare import Compared
from .copy import Copy
from .cut_over import closed, reopen_source

if TYPE_CHECKING:
    from ..store import Postgres, Sqlite

# fmt: off
TEXTS = Texts({
    "reopened":   ("The two sides differ, so the file is open again, and the receiver goes on with it. Run this again.",
                   "Los dos lados difieren, así que el archivo vuelve a estar abierto y el receptor sigue con él. "
                   "Repite el comando."),
    "differ":     ("The two sides differ. Run this again; with --undo-cutover in place of --cutover the file is opened "
                   "again.",
                   "Los dos lados difieren. Repite el comando; con --undo-cutover en lugar de --cutover se vuelve a "
                   "abrir el archivo."),
    "differ_yet": ("What differs came or changed since: run this again, and at last with --cutover.",
                   "Lo que difiere llegó o cambió después: repite el comando, y al final con --cutover."),
    "last":       ("All is there. The last step: the same command with --cutover.",
                   "Está todo. El último paso: el mismo comando con --cutover."),
    "now":        ("All is there. Now set DATABASE_URL to that address, and start the receiver again.\n"
                   "The file is closed: a receiver on it answers 503. The same command with --undo-cutover would open "
                   "it.",
                   "Está todo. Ahora define DATABASE_URL con esa dirección y reinicia el receptor.\n"
                   "El archivo está cerrado: un receptor sobre él responde 503. El mismo comando con --undo-cutover lo "
                   "abriría."),
    "unset":      ("Unset DATABASE_URL for this command: it copies the SQLite file in DATA_DIR, and DATABASE_URL names "
                   "another database than --to.",
                   "Quita DATABASE_URL para este comando: copia el archivo SQLite de DATA_DIR, y DATABASE_URL nombra "
                   "otra base de datos que --to."),
    "no_inbox":   ("There is no inbox at {path}: set DATA_DIR as for `receiver up`.",
                   "No hay bandeja de entrada en {path}: define DATA_DIR como para `receiver up`."),
    "to":         ("Say where to copy to: --to postgres://user:password@host:5432/database",
                   "Di a dónde copiar: --to postgres://usuario:contraseña@host:5432/base"),
    "moved_to":   ("Say where it was moved, so that can be seen whether a receiver worked there: --to …",
                   "Di a dónde se trasladó, para ver si allí trabajó un receptor: --to …"),
    "silent":     ("The Postgres of --to does not answer: {error}", "El Postgres de --to no responde: {error}"),
})
# fmt: on


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Each table as it stands on both sides at the end."""

    tables: tuple[Compared, ...]
    cut_over: bool
    reopened: bool = False  # the file, as the two sides differ

    @property
    def same(self) -> bool:
        return not any(table.different for table in self.tables)

    @property
    def next_step(self) -> Text:
        """What to do now, in sentences."""
        if self.reopened:
            return TEXTS("reopened")
        if not self.same:
            return TEXTS("differ" if self.cut_over else "differ_yet")
        return TEXTS("now" if self.cut_over else "last")


def open_source(settings: Settings, url: str) -> Sqlite:
    """The file that these variables name, also where DATABASE_URL names the target at `url` already.

    Raises ConfigurationError where they name none.
    """
    if settings.database_url not in ("", url):
        raise ConfigurationError(TEXTS("unset"))
    if not settings.database_path.exists():
        raise ConfigurationError(TEXTS("no_inbox", path=str(settings.database_path)))
    return open_sqlite(settings.database_path)


@contextlib.contextmanager
def no_bar(total: int) -> Iterator[Callable[[int], object]]:
    yield lambda more: None


def move(
    source: Sqlite,
    url: str,
    *,
    cut_over: bool,
    progress: Callable[[Compared], None] | None = None,
    bar: Callable[[int], AbstractContextManager[Callable[[int], object]]] = no_bar,
) -> Moved:
    """Bring over what is missing or different, and with `cut_over` close the file and bring over the rest.

    `progress` is told of each table, what `bar` gives of the rows that were looked at. Raises OperationError without
    a URL, ConfigurationError where it leads to a database that does not answer or cannot be copied to, StoreError.
    """
    if not url:
        raise OperationError(TEXTS("to"))
    with contextlib.closing(open_postgres(url)) as target:
        check_answers(target)
        copy = Copy(source, target)
        copy.prepare()
        with bar(copy.rows() * (3 if cut_over else 2)) as copy.advance:
            for table in copy.run():
                if progress:
                    progress(table)
            if cut_over:
                return close_and_copy(source, copy)
            return Moved(tables=tuple(copy.verify()), cut_over=False)


def close_and_copy(source: Sqlite, copy: Copy) -> Moved:
    """The last step, after which the file is closed if both sides are the same. Raises ConfigurationError."""
    with closed(source) as closing:
        list(copy.run())
        moved = Moved(tables=tuple(copy.verify()), cut_over=True)
        if moved.same:
            closing.keep()
    return replace(moved, reopened=closing.is_undone)


def undo_cut_over(source: Sqlite, url: str, *, force: bool) -> bool:
    """Open the file again; whether it was closed. With `force` also where a receiver may have run on the other side.

    Raises OperationError where a URL is needed, ConfigurationError where the way back is closed, StoreError.
    """
    if not source.commit(was_moved):
        return False
    if not force:
        if not url:
            raise OperationError(TEXTS("moved_to"))
        with contextlib.closing(open_postgres(url)) as target:
            check_answers(target)
            Copy(source, target).check_unused()
    reopen_source(source)
    return True


def check_answers(target: Postgres) -> None:
    try:
        target.read("SELECT 1")
    except StoreError as error:
        raise ConfigurationError(TEXTS("silent", error=str(error))) from error
