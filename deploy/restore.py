#!/usr/bin/env python3
"""Puts a backup in the place of the inbox: restore.py BACKUP INBOX. Refuses while a receiver has the inbox open.

The inbox that was there is kept beside it. What the backup holds as not yet done may have been done after it was
made; it is marked as tried, so that each handler asks its destination first.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from backup import check, count

MARK = (
    "UPDATE runs SET attempts = attempts + 1 "
    "WHERE attempts = 0 AND state IN ('pending', 'queued', 'running', 'retrying')"
)
SHARED_FIRST, SHARED_SIZE = 0x40000002, 510  # the bytes that SQLite locks in a file that it has open
PARTS = ("", "-wal", "-shm")  # of a database in WAL mode; a -wal of another file would damage the restored one


def main() -> int:
    backup, inbox = Path(sys.argv[1]), Path(sys.argv[2])
    with contextlib.ExitStack() as locks:
        lock_out(inbox, locks)
        new = prepared(backup, inbox)
        put_aside(inbox)
        new.rename(inbox)
    print(f"{inbox} holds the {count(inbox)} deliveries of {backup.name}.")
    return 0


def lock_out(inbox: Path, locks: contextlib.ExitStack) -> None:
    """Until the end no receiver starts, writes or opens the inbox; ends this program where one does already."""
    for path, lock in (
        (inbox.with_name("up.lock"), lambda file: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)),
        (inbox.with_name(inbox.name + ".lock"), lambda file: fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)),
        (inbox, lambda file: fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, SHARED_SIZE, SHARED_FIRST)),
    ):
        if path.exists():
            locks.enter_context(locked(path, lock))


@contextlib.contextmanager
def locked(path: Path, lock: Callable[[IO[bytes]], None]) -> Iterator[None]:
    with open(path, "r+b") as file:
        try:
            lock(file)
        except BlockingIOError:
            sys.exit(
                "A receiver, or another program, has the inbox open. Stop it, and run this again: what it receives "
                "meanwhile would be lost. Nothing was changed."
            )
        yield


def prepared(backup: Path, inbox: Path) -> Path:
    """A copy of the backup, looked at and marked, with the owner of the directory it goes to."""
    os.umask(0o077)
    new = inbox.with_suffix(".restored")
    shutil.copyfile(backup, new)
    with closing(sqlite3.connect(new)) as db:
        check(db, backup)
        with db:
            db.execute(MARK)
    owner = inbox.parent.stat()
    os.chown(new, owner.st_uid, owner.st_gid)
    return new


def put_aside(inbox: Path) -> None:
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}Z"
    for part in PARTS:
        old = inbox.with_name(inbox.name + part)
        if old.exists():
            old.rename(inbox.with_name(f"before-{stamp}.db{part}"))
            print(f"What was there is kept as before-{stamp}.db{part}.")


if __name__ == "__main__":
    sys.exit(main())
