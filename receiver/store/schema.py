"""The tables, as numbered SQL files in migrations/.

Additive first, contracting a release later, so that a roll-back works. The files hold the types of SQLite; each
database says them in its own way (`Database.ddl`).
"""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import ConfigurationError, NotPermitted, StoreError
from .database import Database, Transaction

MIGRATIONS = sorted((Path(__file__).parent / "migrations").glob("[0-9]*.sql"))
VERSION = len(MIGRATIONS)
MIGRATE_S = 300  # an index over a year of deliveries takes its time
COMMENT = re.compile(r"--[^\n]*")


def migrate(db: Database, *, to: int = VERSION) -> int:
    """Bring the database to the newest schema, or to an older one for a test; how many steps that took.

    Safe when many processes start at once: one does it, the rest wait. Raises StoreError, ConfigurationError.
    """

    def apply(tx: Transaction) -> int:
        db.lock_schema(tx)
        version = db.schema_version(tx)
        for number, file in enumerate(MIGRATIONS[version:to], start=version + 1):
            for statement in statements(file.read_text()):
                tx.execute(db.ddl(statement))
            db.set_schema_version(tx, number)
        return max(0, to - version)

    db.prepare()
    try:
        return db.commit(apply, timeout_s=MIGRATE_S)
    except NotPermitted as error:
        raise ConfigurationError(f"The inbox's tables cannot be made: {error}") from error


def statements(script: str) -> list[str]:
    """The statements of a migration; no text in it holds a semicolon or two dashes."""
    return [statement for statement in COMMENT.sub("", script).split(";") if statement.strip()]


def ensure_schema(db: Database, *, newest: bool = False) -> None:
    """At the start of a process: migrate a file of our own, look at a shared database only.

    Receiving works on tables a version older, so that an upgrade need not stop it; working on runs does not
    (`newest`). Raises ConfigurationError where the tables are older than that or not there, and as `migrate` does;
    StoreError where `newest` is wanted, and `receiver migrate` is all that is missing.
    """
    db.prepare()
    if not db.shared:
        if db.read("PRAGMA user_version")[0]["user_version"] < VERSION:  # who only reads takes no turn at writing
            migrate(db)
        return
    version = db.commit(db.schema_version)
    if version < VERSION - 1:
        raise ConfigurationError(
            "The database has no inbox of this version yet. Run `receiver migrate` once, with the same DATABASE_URL."
        )
    if newest and version < VERSION:
        raise StoreError("its tables are a version older: run `receiver migrate` with the same DATABASE_URL")
