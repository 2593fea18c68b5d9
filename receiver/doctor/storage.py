"""The database: whether a delivery that was acknowledged will still be there tomorrow."""

from __future__ import annotations

from collections.abc import Iterator

from .. import operations
from ..inbox import write_and_remove
from ..operations import Finding, advice, command, fine, problem
from ..store import VERSION, Database, was_moved
from .durability import check_connections, check_encoding, in_postgres, in_sqlite


def check_storage(db: Database) -> Iterator[Finding]:
    """Raises StoreError where the database does not answer."""
    if db.shared:
        yield from db.commit(check_encoding)
    version = db.commit(db.schema_version)
    if version != VERSION:
        yield other_tables(db, version)
    if version == 0:
        return
    if db.commit(was_moved):  # the worker's check says so
        return
    if version >= VERSION - 1:  # as many as a receiver of this version keeps deliveries in
        db.commit(write_and_remove)
        yield fine("database", f"a write is taken; tables of version {version}")
    if damage := operations.damage(db):
        yield problem("database", operations.typed(damage), do="see docs/troubleshooting.md")
    yield from db.commit(in_postgres if db.shared else in_sqlite)
    if db.shared:
        yield from check_connections(db)


def other_tables(db: Database, version: int) -> Finding:
    if version > VERSION:
        return advice(
            "database",
            f"its tables are of version {version}, and this program knows version {VERSION}",
            why="a newer version of the receiver has worked on it; an older one may miss what is new",
            do="run the newest version everywhere",
        )
    message = f"its tables are of version {version}, and this program needs version {VERSION}"
    if not version:
        message = "it has no tables yet"
    if not db.shared:
        return advice(
            "database", message, do=f"start the receiver: it brings its own file up to date ({command('up')})"
        )
    return problem(
        "database",
        message,
        why="the worker waits until they are there",
        do=f"run: {command('migrate')}, with this DATABASE_URL",
    )
