"""The turn to write an SQLite file: one process of the project at a time, by a lock on a file beside it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Of this process, by lock file. A record lock is the process's: a second thread would get it as well, and closing any
# descriptor of the file drops it.
MUTEXES: dict[Path, threading.Lock] = {}
os.register_at_fork(after_in_child=MUTEXES.clear)  # a thread that holds one does not cross a fork


class Turn:
    """A record lock, not flock: that one belongs to what is opened, and a process that a handler forks would share it.

    One that outlived its parent, killed in a commit, kept the lock: nobody could write any more. A record lock ends
    with the process that took it, and the kernel wakes whoever waits for it as soon as it is free.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd = -1
        self.mutex = MUTEXES.setdefault(path.absolute(), threading.Lock())

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for the turn, and have it. Raises OSError where the file cannot be opened."""
        with self.mutex:
            self.lock()
            while not self.is_in_place():  # it was moved or removed: others take turns at another
                self.close_file()
                self.lock()
            try:
                yield
            finally:
                fcntl.lockf(self.fd, fcntl.LOCK_UN)

    def lock(self) -> None:
        if self.fd < 0:
            self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            give_to_owner(self.fd, self.path.with_suffix(""))
        fcntl.lockf(self.fd, fcntl.LOCK_EX)

    def is_in_place(self) -> bool:
        with contextlib.suppress(FileNotFoundError):
            return os.path.samestat(os.stat(self.path), os.fstat(self.fd))
        return False

    def close(self) -> None:
        if self.mutex.acquire(blocking=False):  # a thread that hangs with the lock keeps it until the process ends
            self.close_file()
            self.mutex.release()

    def close_file(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1


def give_to_owner(fd: int, path: Path) -> None:
    """What root makes beside or in a service's file or folder is the service's: it could not open it otherwise."""
    if os.geteuid() != 0:
        return
    with contextlib.suppress(FileNotFoundError):
        owner = os.stat(path)
        os.fchown(fd, owner.st_uid, owner.st_gid)
