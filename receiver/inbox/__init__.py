"""Deliveries, runs and attempts in the database, which is the truth about all of them."""

from ..settings import Settings
from .claims import Claim, Verdict
from .database import Database
from .deliveries import Inbox
from .integrity import damage, inspect
from .postgres import Postgres
from .rejections import Rejections
from .runs import Runs, unattended
from .schema import migrate, prepare
from .sqlite import Sqlite

__all__ = [
    "Claim",
    "Database",
    "Inbox",
    "Rejections",
    "Runs",
    "Verdict",
    "connect",
    "damage",
    "inspect",
    "migrate",
    "prepare",
    "unattended",
]


def connect(settings: Settings) -> Database:
    """The database that DATABASE_URL names, else the file in DATA_DIR. Raises StoreError, ConfigurationError."""
    if settings.database_url:
        return Postgres(settings.database_url)
    return Sqlite(settings.database_path)
