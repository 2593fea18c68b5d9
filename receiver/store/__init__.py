"""The database that is the truth: SQLite or Postgres, one commit for many writers, its tables as numbered SQL files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..settings import Settings
from .apart import reads_apart
from .database import Database, FromNow, Nudges, Row, Time, Transaction, place_holders
from .datagrams import is_worked_on
from .group import Bell, GroupCommit, Outcome, ThreadBell
from .meta import (
    HANDLERS,
    MOVED,
    MOVED_TO,
    NOTE,
    REASONS,
    inbox_name,
    is_closed,
    must_be_open,
    was_moved,
    was_worked_on,
)
from .schema import VERSION, ensure_schema, migrate

if TYPE_CHECKING:  # a driver takes longer to load than all the rest
    from .postgres import Postgres as Postgres
    from .sqlite import Sqlite as Sqlite

__all__ = [
    "HANDLERS",
    "MOVED",
    "MOVED_TO",
    "NOTE",
    "REASONS",
    "VERSION",
    "Bell",
    "Database",
    "FromNow",
    "GroupCommit",
    "Nudges",
    "Outcome",
    "Row",
    "ThreadBell",
    "Time",
    "Transaction",
    "connect",
    "ensure_schema",
    "inbox_name",
    "is_closed",
    "is_worked_on",
    "migrate",
    "must_be_open",
    "open_postgres",
    "open_sqlite",
    "place_holders",
    "reads_apart",
    "was_moved",
    "was_worked_on",
]


def connect(settings: Settings, *, reads_apart: bool = True, bell: Bell | None = None) -> Database:
    """The database that DATABASE_URL names, else the file in DATA_DIR. Raises StoreError, ConfigurationError.

    Reads have connections of their own. A Postgres has few: processes that read a lot and answer nobody share the
    one that commits (`reads_apart=False`), where a slow read delays a commit. Callers that are not threads bring
    a bell of their own, by which they are woken.
    """
    if settings.database_url:
        return open_postgres(settings.database_url, reads_apart=reads_apart, bell=bell)
    return open_sqlite(settings.database_path, bell)


def open_sqlite(path: Path, bell: Bell | None = None) -> Sqlite:
    """The file at this path; it is made when it is first needed."""
    from .sqlite import Sqlite

    return Sqlite(path, bell)


def open_postgres(url: str, *, reads_apart: bool = True, bell: Bell | None = None) -> Postgres:
    """The database of this address; it is connected to when it is first needed. Raises ConfigurationError."""
    from .postgres import Postgres

    return Postgres(url, reads_apart=reads_apart, bell=bell)
