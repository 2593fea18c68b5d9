"""Copies of the inbox that somebody, or the receiver, has left on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..settings import Settings

MARK = b"SQLite format 3\0"  # so begins every file of SQLite
ELSEWHERE = "the backups of the Postgres server, and its write-ahead log"


def copies(settings: Settings) -> tuple[str, ...]:
    """Their paths: in DATA_DIR, and in the folder of the backups of a server of your own (deploy/systemd).

    Where the inbox is a Postgres also the file that it was moved from, and what only its server knows of.
    """
    folder, own = settings.data_dir, "" if settings.database_url else settings.database_path.name
    beside = [file for file in databases(folder) if file.name != own]
    backups = list(databases(folder.with_name(f"{folder.name}-backups")))
    return (*(str(file) for file in (*beside, *backups)), *([ELSEWHERE] if settings.database_url else []))


def databases(folder: Path) -> Iterator[Path]:
    files = sorted(file for file in folder.glob("*") if file.is_file()) if folder.is_dir() else []
    return (file for file in files if is_database(file))


def is_database(file: Path) -> bool:
    """Also where it cannot be read: it is named, rather than passed over."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(MARK)) == MARK
    except OSError:
        return True
