"""The database that is the truth: SQLite or Postgres, one commit for many writers, its tables as numbered SQL files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..settings import Settings
from .database import Database, Nudges, Row, Transaction
from .group import GroupCommit
from .meta import HANDLERS, MOVED, MOVED_TO, NOTE, must_be_open, was_moved
from .schema import VERSION, ensure_schema, migrate

if TYPE_CHECKING:  # a driver takes longer to load than all the rest
    from .postgres import Postgres as Postgres
    from .sqlite import Sqlite as Sqlite

__all__ = [
    "HANDLERS",
    "MOVED",
    "MOVED_TO",
    "NOTE",
    "VERSION",
    "Database",
    "GroupCommit",
    "Nudges",
    "Row",
    "Transaction",
    "connect",
    "ensure_schema",
    "migrate",
    "must_be_open",
    "open_postgres",
    "open_sqlite",
    "was_moved",
]


def connect(settings: Settings) -> Database:
    """The database that DATABASE_URL names, else the file in DATA_DIR. Raises StoreError, ConfigurationError."""
    return open_postgres(settings.database_url) if settings.database_url else open_sqlite(settings.database_path)


def open_sqlite(path: Path) -> Sqlite:
    """The file at this path; it is made when it is first needed."""
    from .sqlite import Sqlite

    return Sqlite(path)


def open_postgres(url: str) -> Postgres:
    """The database of this address; it is connected to when it is first needed. Raises ConfigurationError."""
    from .postgres import Postgres

    return Postgres(url)
