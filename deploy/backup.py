#!/usr/bin/env python3
"""Copies the inbox while it is in use: backup.py INBOX DIRECTORY. Needs only the standard library.

SQLite's own backup, in one step: it sees one moment of the database, and no delivery waits for it.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

KEEP = 48  # two days of hours


def main() -> int:
    inbox, directory = Path(sys.argv[1]), Path(sys.argv[2])
    if not inbox.exists():
        print(f"{inbox} is not there (yet): nothing is copied.")
        return 0
    made = back_up(inbox, directory)
    for old in sorted(directory.glob("inbox-*.db"))[:-KEEP]:
        old.unlink()
    print(f"{made} holds {count(made)} deliveries.")
    return 0


def back_up(inbox: Path, directory: Path) -> Path:
    """The copy appears under its name only when it is whole and on the disk."""
    os.umask(0o077)
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"inbox-{datetime.now(UTC):%Y%m%dT%H%M%S}Z.db"
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(inbox)) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, which can be carried elsewhere
        check(copy, part)
    with open(part, "rb") as file:
        os.fsync(file.fileno())
    part.rename(path)
    return path


def check(db: sqlite3.Connection, path: Path) -> None:
    result = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if result != "ok":
        sys.exit(f"{path} is damaged: {result}")


def count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT count(*) FROM deliveries").fetchone()[0])


if __name__ == "__main__":
    sys.exit(main())
