"""The disk under a SQLite inbox: whether it outlives a deploy, has room, and is this user's alone."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..operations import LEAST_FREE, Finding, advice, problem
from ..settings import Settings

MOUNTS = Path("/proc/mounts")
IN_MEMORY = ("tmpfs", "ramfs")
RAILWAY_VOLUME = "RAILWAY_VOLUME_MOUNT_PATH"  # Railway sets it where a volume is attached
ADD_DISK = {
    "Heroku": "add a Postgres: heroku addons:create heroku-postgresql:essential-0",
    "Render": "add a disk to the service and set DATA_DIR to its mount path, see recipes/render.md",
    "Fly.io": "fly volumes create data, name it under [[mounts]] in fly.toml, set DATA_DIR to it: recipes/fly.md",
    "Railway": "attach a volume to the service and set DATA_DIR to its mount path, see recipes/railway.md",
}


def check_disk(settings: Settings, env: Mapping[str, str], *, least_free: int = LEAST_FREE) -> Iterator[Finding]:
    folder = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    if settings.platform and (reason := passing(folder)):
        yield problem(
            "DATA_DIR",
            f"{reason}, and {settings.platform} empties that at each deploy",
            why="every delivery kept so far would be lost",
            do=to_a_volume(settings, env),
        )
    if not folder.is_dir():
        yield problem("DATA_DIR", f"{folder} is no folder", do="set DATA_DIR to one, or move that away")
    elif not os.access(folder, os.W_OK):
        yield problem("DATA_DIR", "it cannot be written by this user", do=f"give this user the folder {folder}")
    if (free := shutil.disk_usage(folder).free) < least_free:
        yield problem(
            "DATA_DIR",
            f"only {free // 1024 // 1024} MB are free on its disk",
            why="on a full disk no delivery can be kept",
            do="make room, or enlarge the disk",
        )
    if open_to_all(settings.database_path):
        yield advice(
            "DATA_DIR",
            "every user of this machine may read the inbox",
            why="it holds what callers said",
            do=f"chmod 700 {shlex.quote(str(settings.data_dir))}",
        )


def open_to_all(path: Path) -> bool:
    """Whether both the file and its folder let everybody in."""
    return path.exists() and bool(path.stat().st_mode & 0o006 and path.parent.stat().st_mode & 0o001)


def passing(folder: Path) -> str:
    """Why what is written there does not last; "" where it does."""
    if kind_of_disk(folder) in IN_MEMORY:
        return "it lies in memory"
    return "" if folder.stat().st_dev != os.stat("/").st_dev else "it is on no disk of its own"


def kind_of_disk(folder: Path) -> str:
    """The file system's type as Linux names it; "" elsewhere."""
    lines = MOUNTS.read_text().splitlines() if MOUNTS.exists() else []
    mounts = {words[1]: words[2] for words in map(str.split, lines)}
    return next((mounts[str(path)] for path in (folder, *folder.parents) if str(path) in mounts), "")


def to_a_volume(settings: Settings, env: Mapping[str, str]) -> str:
    if settings.platform == "Railway" and env.get(RAILWAY_VOLUME):
        return f"a volume is mounted at {env[RAILWAY_VOLUME]}: set DATA_DIR={env[RAILWAY_VOLUME]}"
    return f"{ADD_DISK[settings.platform]}; or set DATABASE_URL to a Postgres"
