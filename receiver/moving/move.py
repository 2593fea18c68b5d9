"""The steps of a move, and of the way back: which may be taken when."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import ConfigurationError, OperationError, StoreError
from ..settings import Settings
from ..store import open_postgres, open_sqlite, was_moved
from .compare import Compared
from .copy import Copy
from .cut_over import closed, reopen_source

if TYPE_CHECKING:
    from ..store import Postgres, Sqlite


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
    def next_step(self) -> str:
        """What to do now, in sentences."""
        if self.reopened:
            return "The two sides differ, so the file is open again, and the receiver goes on with it. Run this again."
        if not self.same and self.cut_over:
            return (
                "The two sides differ. Run this again; with --undo-cutover in place of --cutover the file is opened "
                "again."
            )
        if not self.same:
            return "What differs came or changed since: run this again, and at last with --cutover."
        if not self.cut_over:
            return "All is there. The last step: the same command with --cutover."
        return (
            "All is there. Now set DATABASE_URL to that address, and start the receiver again.\n"
            "The file is closed: a receiver on it answers 503. The same command with --undo-cutover would open it."
        )


def open_source(settings: Settings) -> Sqlite:
    """The file that these variables name. Raises ConfigurationError where they name none."""
    if settings.database_url:
        raise ConfigurationError("Unset DATABASE_URL for this command: it copies the SQLite file in DATA_DIR.")
    if not settings.database_path.exists():
        raise ConfigurationError(f"There is no inbox at {settings.database_path}: set DATA_DIR as for `receiver up`.")
    return open_sqlite(settings.database_path)


def move(source: Sqlite, url: str, *, cut_over: bool, progress: Callable[[Compared], None] | None = None) -> Moved:
    """Bring over what is missing or different, and with `cut_over` close the file and bring over the rest.

    `progress` is told of each table. Raises OperationError without a URL, ConfigurationError where it leads to a
    database that does not answer or cannot be copied to, StoreError.
    """
    if not url:
        raise OperationError("Say where to copy to: --to postgres://user:password@host:5432/database")
    with contextlib.closing(open_postgres(url)) as target:
        check_answers(target)
        copy = Copy(source, target)
        copy.prepare()
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
            raise OperationError("Say where it was moved, so that can be seen whether a receiver worked there: --to …")
        with contextlib.closing(open_postgres(url)) as target:
            check_answers(target)
            Copy(source, target).check_unused()
    reopen_source(source)
    return True


def check_answers(target: Postgres) -> None:
    try:
        target.read("SELECT 1")
    except StoreError as error:
        raise ConfigurationError(f"The Postgres of --to does not answer: {error}") from error
