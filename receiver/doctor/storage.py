"""The database: whether a delivery that was acknowledged will still be there tomorrow."""

from __future__ import annotations

from collections.abc import Iterator

from .. import operations
from ..inbox import write_and_remove
from ..locales import Texts
from ..operations import Finding, advice, command, fine, problem
from ..store import VERSION, Database, was_moved
from .durability import check_connections, check_encoding, in_postgres, in_sqlite

# fmt: off
TEXTS = Texts({
    "write":     ("a write is taken; tables of version {version}", "acepta escrituras; tablas de la versión {version}"),
    "damage_do": ("see docs/troubleshooting.md", "mira docs/es/troubleshooting.md"),
    "newer":     ("its tables are of version {version}, and this program knows version {known}",
                  "sus tablas son de la versión {version}, y este programa conoce la {known}"),
    "newer_why": ("a newer version of the receiver has worked on it; an older one may miss what is new",
                  "un receptor más nuevo trabajó con ella; uno más antiguo puede pasar por alto lo nuevo"),
    "newer_do":  ("run the newest version everywhere", "usa en todas partes la versión más nueva"),
    "older":     ("its tables are of version {version}, and this program needs version {known}",
                  "sus tablas son de la versión {version}, y este programa necesita la {known}"),
    "no_tables": ("it has no tables yet", "todavía no tiene tablas"),
    "file_do":   ("start the receiver: it brings its own file up to date ({up})",
                  "arranca el receptor: pone al día su propio archivo ({up})"),
    "older_why": ("the worker waits until they are there", "el worker espera hasta que estén"),
    "migrate":   ("run: {command}, with this DATABASE_URL", "ejecuta: {command}, con esta DATABASE_URL"),
})
# fmt: on


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
        yield fine("database", TEXTS("write", version=version))
    if damage := operations.damage(db):
        yield problem("database", operations.typed(damage), do=TEXTS("damage_do"))
    yield from db.commit(in_postgres if db.shared else in_sqlite)
    if db.shared:
        yield from check_connections(db)


def other_tables(db: Database, version: int) -> Finding:
    if version > VERSION:
        message = TEXTS("newer", version=version, known=VERSION)
        return advice("database", message, why=TEXTS("newer_why"), do=TEXTS("newer_do"))
    message = TEXTS("older", version=version, known=VERSION) if version else TEXTS("no_tables")
    if not db.shared:
        return advice("database", message, do=TEXTS("file_do", up=command("up")))
    return problem("database", message, why=TEXTS("older_why"), do=TEXTS("migrate", command=command("migrate")))
