"""What is left of a worker's process: a file that is locked while it lives, and names the calls that it has begun.

A lease says only after a while that its owner is gone, and nobody knows then what it was doing. Where the process ran
on this machine, with this DATA_DIR, its file says both at once. Whatever that cannot prove is left to the leases: a
process on another machine, before the last boot, or with a helper that lives on and holds the lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from ..settings import Settings

CALL = struct.Struct("<qq")  # a run's id, and the number of its attempt
HEAD_BYTES = 64
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
OLD_S = 3600  # before what is left of a process goes where no leader looks after it
FILE_BYTES = 1024 * 1024  # read of a file at most; more calls than that no process has

Call = tuple[int, int]


class Signs:
    """This process's own file. Where it cannot be written there is none, and nothing can be proven by it."""

    def __init__(self, settings: Settings, owner: str) -> None:
        self.path = settings.workers_dir / owner
        self.mutex = threading.Lock()
        self.slots: dict[Call, int] = {}
        self.free: list[int] = []
        self.fd = -1
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(mode=0o700, exist_ok=True)
            self.fd = locked_file(self.path)

    def begin(self, calls: Iterable[Call]) -> None:
        """These calls begin: said before they do, as afterwards may be too late."""
        with self.mutex:
            try:
                for call in calls:
                    slot = self.free.pop() if self.free else len(self.slots)
                    self.slots[call] = slot
                    if self.fd >= 0:
                        os.pwrite(self.fd, CALL.pack(*call), HEAD_BYTES + slot * CALL.size)
            except OSError:  # a full disk: without a file, whatever runs here counts as begun
                self.remove()

    def end(self, calls: Iterable[Call]) -> None:
        """How these ended is written down: their places are free."""
        with self.mutex:
            self.free += [self.slots.pop(call) for call in calls if call in self.slots]

    def close(self) -> None:
        """The process ends in order: its file is of no more use, unless some end could not be written down."""
        if not self.slots:
            self.remove()

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self.fd = -1  # left open: a helper that the handler started may share it


class Remains:
    """What the files of all processes with this DATA_DIR say."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.workers_dir

    def calls(self, owner: str) -> frozenset[Call] | None:
        """The last calls that this process had begun, if it is gone for certain; None where nobody knows."""
        if owner != Path(owner).name:
            return None
        with contextlib.suppress(OSError), opened(self.folder / owner) as fd:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)  # refused while the process lives, or a helper of it
            if os.pread(fd, HEAD_BYTES, 0) == head(fd) != b"":
                content = os.pread(fd, FILE_BYTES, HEAD_BYTES)
                whole = len(content) // CALL.size * CALL.size
                return frozenset((run, attempt) for run, attempt in CALL.iter_unpack(content[:whole]))
        return None

    def is_gone(self, owner: str) -> bool:
        return self.calls(owner) is not None

    def clear(self, owners: Collection[str] = (), older_than_s: float = OLD_S) -> None:
        """Remove the files of processes that are gone, but for these owners'."""
        with contextlib.suppress(OSError):
            for entry in os.scandir(self.folder):
                old = time.time() - entry.stat().st_mtime > older_than_s
                if old and entry.name not in owners and not entry.name.startswith(".") and self.is_gone(entry.name):
                    os.unlink(entry.path)


def locked_file(path: Path) -> int:
    """A new file at the path, locked before anybody can find it there. Raises OSError."""
    beginning = path.with_name(f".{path.name}")
    fd = os.open(beginning, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.pwrite(fd, head(fd), 0)
    beginning.rename(path)
    return fd


def head(fd: int) -> bytes:
    """Which boot of which machine the file was written in, and that it is no copy; b"" where there is no telling."""
    try:
        boot = BOOT_ID.read_text().strip()
    except OSError:  # not Linux
        return b""
    return f"{boot} {os.fstat(fd).st_ino}".encode()[:HEAD_BYTES].ljust(HEAD_BYTES)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[int]:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        yield fd
    finally:
        os.close(fd)
