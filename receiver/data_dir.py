"""DATA_DIR, made and seen to: its files hold what callers said, so they are for their owner alone."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from .errors import ConfigurationError
from .locales import Texts
from .settings import Settings

UMASK = 0o077  # of every command: SQLite, Redis and we ourselves make files in DATA_DIR
OTHERS = 0o077
# fmt: off
TEXTS = Texts({
    "unusable": ("DATA_DIR cannot be used: {path} ({reason}). It should be a folder that belongs to this user, on a "
                 "disk that can be written.",
                 "No se puede usar DATA_DIR: {path} ({reason}). Debe ser una carpeta de este usuario, en un disco "
                 "donde se pueda escribir."),
    "no_folder": ("it is no folder", "no es una carpeta"),
})
# fmt: on
OURS = (
    *(f"inbox.db{end}" for end in ("", "-wal", "-shm", "-journal", ".lock")),
    *("redis.log", "redis.pid", "redis.sock", "dispatch.sock", "signing_secret", "up.lock", "demo", "workers"),
)


def make(settings: Settings) -> None:
    """Make the folder where it is missing, and shut others out of what is in it. Raises ConfigurationError."""
    with usable():
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        tighten(settings.data_dir)


@contextlib.contextmanager
def usable() -> Iterator[None]:
    """Raises ConfigurationError where what is done to DATA_DIR in here fails."""
    try:
        yield
    except OSError as error:
        reason = TEXTS("no_folder") if isinstance(error, FileExistsError) else error.strerror
        raise ConfigurationError(TEXTS("unusable", path=str(error.filename), reason=reason)) from error


def tighten(folder: Path) -> None:
    """Older versions, and people, made files that others read.

    What is not ours stays as it is, the folder too where it holds such: it may be anybody's, /tmp for example.
    """
    names = [entry.name for entry in os.scandir(folder)]
    for name in set(names) & set(OURS):
        shut_out_others(folder / name)
    if set(names) <= set(OURS):
        shut_out_others(folder)


def shut_out_others(path: Path) -> None:
    with contextlib.suppress(OSError):  # a link, a socket, or another user's
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if status.st_mode & OTHERS and status.st_uid == os.geteuid():
                os.fchmod(descriptor, stat.S_IMODE(status.st_mode) & ~OTHERS)
        finally:
            os.close(descriptor)
