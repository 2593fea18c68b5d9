"""Deliveries, runs and attempts in the database, which is the truth about all of them."""

from ..settings import Settings
from .claims import Claim, Verdict
from .database import Database
from .deliveries import Inbox
from .integrity import damage, inspect
from .rejections import Rejections
from .runs import Runs, unattended
from .schema import migrate, prepare

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
    if settings.database_url:  # each imported here: a driver takes longer to load than all the rest
        from .postgres import Postgres

        return Postgres(settings.database_url)
    from .sqlite import Sqlite

    return Sqlite(settings.database_path)
