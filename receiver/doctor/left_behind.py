"""A move to Postgres that was begun and never finished: what came to the file since the last copy is not here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..locales import Texts
from ..operations import Finding, command, problem
from ..settings import Settings
from ..store import Database, is_closed, open_sqlite, was_worked_on

# fmt: off
TEXTS = Texts({
    "left":   ("the move to this Postgres was not finished: {n:delivery|deliveries} came to {path} since the last copy",
               "el traslado a este Postgres no se terminó: {n:entrega llegó|entregas llegaron} a {path} desde la "
               "última copia"),
    "why":    ("they are not in this database, and nobody brings them to a destination",
               "no están en esta base de datos, y nadie las lleva a un destino"),
    "finish": ("before a worker runs here: {copy} --to (this DATABASE_URL) --cutover",
               "antes de que aquí trabaje un worker: {copy} --to (esta DATABASE_URL) --cutover"),
    "drain":  ("without DATABASE_URL run {worker} until nothing waits there; what waited already when it was copied "
               "may arrive twice. Then move the file away",
               "sin DATABASE_URL ejecuta {worker} hasta que allí no espere nada; lo que ya esperaba cuando se copió "
               "puede llegar dos veces. Después aparta el archivo"),
})
# fmt: on

COPIED = "SELECT value, noted_us FROM facts WHERE name = 'copied_from'"
CAME_SINCE = """
SELECT count(*) AS n FROM deliveries
WHERE received_us > ? AND EXISTS (SELECT 1 FROM facts WHERE name = 'inbox' AND value = ?)
"""


def check_left_behind(db: Database, settings: Settings) -> Iterator[Finding]:
    """Raises StoreError."""
    path = settings.database_path
    copied = db.read(COPIED) if settings.database_url and path.exists() else ()
    if not copied:
        return
    with contextlib.closing(open_sqlite(path)) as file:
        if is_closed(file):
            return
        number = file.read(CAME_SINCE, (copied[0]["noted_us"], copied[0]["value"]))[0]["n"]
    if not number:
        return
    do = TEXTS("drain", worker=command("worker")) if was_worked_on(db) else TEXTS("finish", copy=command("copy"))
    yield problem("database", TEXTS("left", n=number, path=str(path)), why=TEXTS("why"), do=do)
