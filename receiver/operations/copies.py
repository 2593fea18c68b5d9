"""Copies of the inbox that somebody, or the receiver, has left beside it."""

from __future__ import annotations

from ..settings import Settings

INBOX_FILES = ("", "-wal", "-shm", ".lock")
ELSEWHERE = "the backups of the Postgres server, and its write-ahead log"


def copies(settings: Settings) -> tuple[str, ...]:
    """Their paths: beside the file, and in the folder of the backups of a server of your own (deploy/systemd).

    Where the inbox is a Postgres also the file that it was moved from, and what only its server knows of.
    """
    path = settings.database_path
    own = set() if settings.database_url else {path.name + end for end in INBOX_FILES}
    beside = [file for file in path.parent.glob(f"{path.name}*") if file.name not in own and file.suffix != ".lock"]
    backups = [file for file in path.parent.with_name(f"{path.parent.name}-backups").glob("*") if file.is_file()]
    return (*(str(file) for file in sorted(beside) + sorted(backups)), *([ELSEWHERE] if settings.database_url else []))
