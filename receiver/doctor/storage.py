"""The database and its disk: whether what was acknowledged will still be there tomorrow."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping

from .. import inbox
from ..errors import StoreError
from ..inbox.database import Database, Transaction
from ..settings import Settings
from .finding import Finding, advice, fine, problem

LEAST_FREE = 200 * 1024 * 1024  # bytes: some 20,000 deliveries of a usual size, days in which to make room
SPARE_CONNECTIONS = 5  # of a Postgres: a deploy starts new processes before the old ones end


class Undone(Exception):
    """Ends a transaction without leaving anything behind."""


def check_storage(settings: Settings, env: Mapping[str, str]) -> Iterator[Finding]:
    if not settings.database_url:
        yield from check_disk(settings, env)
        if not settings.database_path.exists():
            yield fine("database", "none yet: it is made at the first start")
            return
    with contextlib.closing(inbox.connect(settings)) as db:
        try:
            yield from check_database(db)
        except StoreError as error:
            yield problem(
                "database",
                f"it does not answer: {error}",
                why="deliveries are answered with 503, and come again for a limited time only",
                do="start it, or correct DATABASE_URL" if settings.database_url else "see that DATA_DIR can be written",
            )


def check_disk(settings: Settings, env: Mapping[str, str]) -> Iterator[Finding]:
    there = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    if settings.platform and not on_own_mount(str(there)):
        yield problem(
            "DATA_DIR",
            f"it is no disk of its own, and {settings.platform} empties the rest at each deploy",
            why="every delivery kept so far would be lost",
            do="add a disk or volume and set DATA_DIR to where it is mounted, or set DATABASE_URL to a Postgres",
        )
    if not os.access(there, os.W_OK):
        yield problem("DATA_DIR", "it cannot be written by this user", do=f"give this user the folder {there}")
    if (free := shutil.disk_usage(there).free) < LEAST_FREE:
        yield problem(
            "DATA_DIR",
            f"only {free // 1024 // 1024} MB are free on its disk",
            why="on a full disk no delivery can be kept",
            do="make room, or enlarge the disk",
        )
    path = settings.database_path
    if path.exists() and path.stat().st_mode & 0o007:
        yield advice(
            "DATA_DIR",
            "every user of this machine may read the inbox",
            why="it holds what callers said",
            do=f"chmod 700 {settings.data_dir}",
        )


def on_own_mount(path: str) -> bool:
    """Whether the folder is on a disk other than the root's."""
    return os.stat(path).st_dev != os.stat("/").st_dev


def check_database(db: Database) -> Iterator[Finding]:
    version = db.commit(db.schema_version)
    if version == 0:
        yield problem("database", "it has no tables yet", do="run: receiver migrate")
        return
    try:
        db.commit(write_and_undo)
    except Undone:
        yield fine("database", f"a write is taken; tables of version {version}")
    if damage := inbox.damage(db):
        yield problem("database", damage, do="see docs/troubleshooting.md")
    if db.shared:
        yield from check_connections(db)


def write_and_undo(tx: Transaction) -> None:
    tx.execute("INSERT INTO leases (name, owner, until_us) VALUES ('doctor', 'doctor', 0)")
    raise Undone


def check_connections(db: Database) -> Iterator[Finding]:
    sql = (
        "SELECT current_setting('max_connections')::int AS most, "
        "(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used"
    )
    [row] = db.read(sql)
    if row["most"] - row["used"] < SPARE_CONNECTIONS:
        yield problem(
            "database",
            f"{row['used']} of its {row['most']} connections are taken",
            why="a process that starts now may get none",
            do="end what else is connected, or take a larger plan",
        )
