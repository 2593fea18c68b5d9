"""Everything that the database is asked, one question after another over one connection."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .. import operations, store
from ..errors import NotPermitted, StoreError
from ..operations import OK, Finding, Health, fine, problem
from ..registry import Activation
from ..settings import Settings
from .alerts import check_unsent
from .disk import check_disk
from .lives import check_lives, check_pen
from .refused import check_refused
from .storage import check_storage
from .worker import check_worker


class InboxCheck:
    """A check that also leaves the `health` of the runs behind; it stays empty where the database does not tell."""

    def __init__(self, settings: Settings, env: Mapping[str, str], activations: Sequence[Activation]) -> None:
        self.settings = settings
        self.env = env
        self.activations = activations
        self.health = Health()

    def __call__(self) -> Iterator[Finding]:
        if not self.settings.database_url:
            yield from check_disk(self.settings, self.env)
            if not self.settings.database_path.exists():
                yield missing(self.settings.database_path)
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
            with contextlib.suppress(StoreError):  # tables of another version: check_storage says so
                yield from check_worker(db, self.settings.platform, self.activations)
            with contextlib.suppress(StoreError):
                yield from check_refused(db)
            with contextlib.suppress(StoreError):
                yield from check_lives(db)
                yield from check_pen(db, self.settings)
            with contextlib.suppress(StoreError):
                yield from check_unsent(db)
            if takes_writes:
                with contextlib.suppress(StoreError):
                    self.health = operations.health(db)


def missing(path: Path) -> Finding:
    if not store.is_worked_on(path):
        return fine("database", "none yet: it is made at the first start")
    return problem(
        "database",
        f"its file {path} is gone, and a receiver runs that had it",
        why="every delivery is answered with 503",
        do="put the file back; or start the receiver again, which makes a new one",
    )


def away(settings: Settings, error: StoreError) -> Finding:
    if isinstance(error, NotPermitted):
        return problem(
            "database", str(error), why="no delivery can be kept", do="see to that, and start the receiver again"
        )
    return problem(
        "database",
        f"it does not answer: {error}",
        why="deliveries are answered with 503, and come again for a limited time only",
        do="start it, or correct DATABASE_URL" if settings.database_url else "see that DATA_DIR can be written",
    )
