"""The database: whether a delivery that was acknowledged will still be there tomorrow."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from .. import operations, store
from ..errors import StoreError
from ..settings import Settings
from ..store import VERSION, Database, Transaction, was_moved
from .disk import check_disk
from .durability import check_connections, in_postgres, in_sqlite
from .finding import Finding, advice, fine, problem


class Undone(Exception):
    """Ends a transaction without leaving anything behind."""


def check_storage(settings: Settings, env: Mapping[str, str]) -> Iterator[Finding]:
    if not settings.database_url:
        yield from check_disk(settings, env)
        if not settings.database_path.exists():
            yield fine("database", "none yet: it is made at the first start")
            return
    with contextlib.closing(store.connect(settings)) as db:
        try:
            yield from check_database(db)
        except StoreError as error:
            yield problem(
                "database",
                f"it does not answer: {error}",
                why="deliveries are answered with 503, and come again for a limited time only",
                do="start it, or correct DATABASE_URL" if settings.database_url else "see that DATA_DIR can be written",
            )


def check_database(db: Database) -> Iterator[Finding]:
    version = db.commit(db.schema_version)
    if version != VERSION:
        yield other_tables(db, version)
    if version == 0:
        return
    if db.commit(was_moved):  # the worker's check says so
        return
    try:
        db.commit(write_and_undo)
    except Undone:
        yield fine("database", f"a write is taken; tables of version {version}")
    if damage := operations.damage(db):
        yield problem("database", damage, do="see docs/troubleshooting.md")
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
    said = f"its tables are of version {version}, and this program needs version {VERSION}"
    if not version:
        said = "it has no tables yet"
    if not db.shared:
        return advice("database", said, do="start the receiver: it brings its own file up to date (receiver up)")
    return problem(
        "database",
        said,
        why="the worker waits until they are there",
        do="run: receiver migrate, with this DATABASE_URL",
    )


def write_and_undo(tx: Transaction) -> None:
    tx.execute("INSERT INTO leases (name, owner, until_us) VALUES ('doctor', 'doctor', 0)")
    raise Undone
