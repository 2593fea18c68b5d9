"""Everything that the database is asked, one question after another over one connection."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .. import operations, store
from ..errors import ConfigurationError, NotPermitted, StoreError
from ..locales import Texts
from ..operations import OK, Finding, Health, SourceSettings, fine, problem
from ..registry import Activation
from ..settings import Settings, locale_of
from .alerts import check_unsent
from .arrivals import check_arrivals, none_yet
from .disk import check_disk
from .left_behind import check_left_behind
from .lives import check_lives, check_pen
from .refused import check_refused
from .storage import check_storage
from .unread import check_unread
from .worker import check_worker

# fmt: off
TEXTS = Texts({
    "none":     ("none yet: it is made at the first start", "todavía ninguna: se crea en el primer arranque"),
    "gone":     ("its file {path} is gone, and a receiver runs that had it",
                 "falta su archivo {path}, y hay un receptor en marcha que lo usaba"),
    "gone_why": ("every delivery is answered with 503", "toda entrega recibe un 503"),
    "gone_do":  ("put the file back; or start the receiver again, which makes a new one",
                 "devuelve el archivo a su sitio; o reinicia el receptor, que crea uno nuevo"),
    "forbidden_why": ("no delivery can be kept", "no se puede guardar ninguna entrega"),
    "forbidden_do":  ("see to that, and start the receiver again", "ocúpate de eso y reinicia el receptor"),
    "away":     ("it does not answer: {error}", "no responde: {error}"),
    "away_why": ("deliveries are answered with 503, and come again for a limited time only",
                 "las entregas reciben un 503, y solo se repiten por un tiempo limitado"),
    "url_do":   ("start it, or correct DATABASE_URL", "ponla en marcha, o corrige DATABASE_URL"),
    "file_do":  ("see that DATA_DIR can be written", "comprueba que se puede escribir en DATA_DIR"),
})
# fmt: on


class InboxCheck:
    """A check that also leaves the `health` of the runs behind; it stays empty where the database does not tell."""

    def __init__(
        self, settings: Settings, env: Mapping[str, str], activations: Sequence[Activation], source: str | None = None
    ) -> None:
        self.settings = settings
        self.env = env
        self.activations = activations
        self.source = source  # None: all
        self.health = Health()

    def __call__(self) -> Iterator[Finding]:
        if not self.settings.database_url:
            yield from check_disk(self.settings, self.env)
            if not self.settings.database_path.exists():
                yield missing(self.settings.database_path)
                yield none_yet()
                return
        with contextlib.closing(store.connect(self.settings)) as db:
            takes_writes = False
            try:
                for finding in check_storage(db):
                    takes_writes |= finding.severity == OK
                    yield finding
            except StoreError as error:
                yield away(self.settings, error)
                return
            with contextlib.suppress(StoreError):
                yield from check_left_behind(db, self.settings)
            with contextlib.suppress(StoreError):  # tables of another version: check_storage says so
                yield from check_worker(db, self.settings.platform, self.activations)
            with contextlib.suppress(StoreError, ConfigurationError):  # its own key is asked for elsewhere
                yield from check_unread(db, self.settings, self.activations)
            with contextlib.suppress(StoreError):
                yield from check_arrivals(db, locale_of(self.env), SourceSettings(db, self.settings), self.source)
            with contextlib.suppress(StoreError):
                yield from check_refused(db)
            with contextlib.suppress(StoreError):
                yield from check_lives(db)
                yield from check_pen(db, self.settings)
            with contextlib.suppress(StoreError):
                yield from check_unsent(db)
            if takes_writes:
                with contextlib.suppress(StoreError):
                    self.health = operations.health(db, source=self.source)


def missing(path: Path) -> Finding:
    if not store.is_worked_on(path):
        return fine("database", TEXTS("none"))
    return problem("database", TEXTS("gone", path=str(path)), why=TEXTS("gone_why"), do=TEXTS("gone_do"))


def away(settings: Settings, error: StoreError) -> Finding:
    if isinstance(error, NotPermitted):
        return problem("database", str(error), why=TEXTS("forbidden_why"), do=TEXTS("forbidden_do"))
    do = TEXTS("url_do") if settings.database_url else TEXTS("file_do")
    return problem("database", TEXTS("away", error=str(error)), why=TEXTS("away_why"), do=do)
