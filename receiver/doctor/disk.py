"""The disk under a SQLite inbox: whether it outlives a deploy, has room, and is this user's alone."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..locales import Text, Texts
from ..operations import LEAST_FREE, Finding, advice, problem
from ..settings import Settings

MOUNTS = Path("/proc/mounts")
IN_MEMORY = ("tmpfs", "ramfs")
RAILWAY_VOLUME = "RAILWAY_VOLUME_MOUNT_PATH"  # Railway sets it where a volume is attached
# fmt: off
TEXTS = Texts({
    "passing":  ("{reason}, and {platform} empties that at each deploy",
                 "{reason}, y {platform} lo vacía en cada despliegue"),
    "lost":     ("every delivery kept so far would be lost", "se perdería toda entrega guardada hasta entonces"),
    "memory":   ("it lies in memory", "está en memoria"),
    "no_disk":  ("it is on no disk of its own", "no está en un disco propio"),
    "no_folder": ("{folder} is no folder", "{folder} no es una carpeta"),
    "folder_do": ("set DATA_DIR to one, or move that away", "define DATA_DIR con una, o quita eso de ahí"),
    "readonly": ("it cannot be written by this user", "este usuario no puede escribir en ella"),
    "readonly_do": ("give this user the folder {folder}", "da a este usuario la carpeta {folder}"),
    "full":     ("only {free} MB are free on its disk", "solo quedan {free} MB libres en su disco"),
    "full_why": ("on a full disk no delivery can be kept", "en un disco lleno no se puede guardar ninguna entrega"),
    "full_do":  ("make room, or enlarge the disk", "haz sitio, o amplía el disco"),
    "open":     ("every user of this machine may read the inbox",
                 "cualquier usuario de este equipo puede leer la bandeja de entrada"),
    "open_why": ("it holds what callers said", "contiene lo que dijeron quienes llamaron"),
    "or_postgres": ("{disk}; or set DATABASE_URL to a Postgres", "{disk}; o define DATABASE_URL con un Postgres"),
    "mounted":  ("a volume is mounted at {path}: set DATA_DIR={path}",
                 "hay un volumen montado en {path}: define DATA_DIR={path}"),
    "Heroku":   ("add a Postgres: heroku addons:create heroku-postgresql:essential-0",
                 "agrega un Postgres: heroku addons:create heroku-postgresql:essential-0"),
    "Render":   ("add a disk to the service and set DATA_DIR to its mount path, see recipes/render.md",
                 "agrega un disco al servicio y define DATA_DIR con su punto de montaje, ver recipes/es/render.md"),
    "Fly.io":   ("fly volumes create data, name it under [[mounts]] in fly.toml, set DATA_DIR to it: recipes/fly.md",
                 "fly volumes create data, nómbralo en [[mounts]] de fly.toml, define DATA_DIR con él: "
                 "recipes/es/fly.md"),
    "Railway":  ("attach a volume to the service and set DATA_DIR to its mount path, see recipes/railway.md",
                 "conecta un volumen al servicio y define DATA_DIR con su punto de montaje, ver recipes/es/railway.md"),
})
# fmt: on


def check_disk(settings: Settings, env: Mapping[str, str], *, least_free: int = LEAST_FREE) -> Iterator[Finding]:
    folder = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    if settings.platform and (reason := passing(folder)):
        yield problem(
            "DATA_DIR",
            TEXTS("passing", reason=reason, platform=settings.platform),
            why=TEXTS("lost"),
            do=to_a_volume(settings, env),
        )
    if not folder.is_dir():
        yield problem("DATA_DIR", TEXTS("no_folder", folder=str(folder)), do=TEXTS("folder_do"))
    elif not os.access(folder, os.W_OK):
        yield problem("DATA_DIR", TEXTS("readonly"), do=TEXTS("readonly_do", folder=str(folder)))
    if (free := shutil.disk_usage(folder).free) < least_free:
        yield problem("DATA_DIR", TEXTS("full", free=free // 1024 // 1024), why=TEXTS("full_why"), do=TEXTS("full_do"))
    if open_to_all(settings.database_path):
        chmod = f"chmod 700 {shlex.quote(str(settings.data_dir))}"
        yield advice("DATA_DIR", TEXTS("open"), why=TEXTS("open_why"), do=chmod)


def open_to_all(path: Path) -> bool:
    """Whether both the file and its folder let everybody in."""
    return path.exists() and bool(path.stat().st_mode & 0o006 and path.parent.stat().st_mode & 0o001)


def passing(folder: Path) -> Text | str:
    """Why what is written there does not last; "" where it does."""
    if kind_of_disk(folder) in IN_MEMORY:
        return TEXTS("memory")
    return "" if folder.stat().st_dev != os.stat("/").st_dev else TEXTS("no_disk")


def kind_of_disk(folder: Path) -> str:
    """The file system's type as Linux names it; "" elsewhere."""
    lines = MOUNTS.read_text().splitlines() if MOUNTS.exists() else []
    mounts = {words[1]: words[2] for words in map(str.split, lines)}
    return next((mounts[str(path)] for path in (folder, *folder.parents) if str(path) in mounts), "")


def to_a_volume(settings: Settings, env: Mapping[str, str]) -> Text:
    if settings.platform == "Railway" and env.get(RAILWAY_VOLUME):
        return TEXTS("mounted", path=env[RAILWAY_VOLUME])
    return TEXTS("or_postgres", disk=TEXTS(settings.platform))
