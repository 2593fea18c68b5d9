"""The sources that requests may name, kept up to date by a thread that looks at the database."""

from __future__ import annotations

import contextlib
import logging
import threading
import time

from .. import inbox, operations
from ..errors import ConfigurationError, StoreError
from ..settings import Settings
from ..sources import Source
from ..store import Database

log = logging.getLogger("receiver.app")

LOOK_EVERY_S = 2.0


class KnownSources:
    """A mapping of names to sources, for reading alone. Its thread is a native one: the loop waits for no database."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.db = db
        self.settings = settings
        self.sources = operations.single(settings)
        self.version = ""
        self.expires_us: int | None = None  # when one of the secrets ceases to count, with nothing having been changed
        self.problem = ""

    def start(self) -> None:
        """Look once, then again and again."""
        self.look()
        threading.Thread(target=self.keep_looking, daemon=True, name="sources").start()

    def get(self, name: str, /) -> Source | None:
        return self.sources.get(name)

    def keep_looking(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            self.look()

    def look(self) -> None:
        """Read them again where one was changed. What cannot be read stays as it is: requests go on."""
        try:
            version = operations.sources_version(self.db)
            if version and (version != self.version or self.has_expired()):
                self.expires_us = inbox.next_expiry_us(self.db)
                self.sources = operations.all_sources(self.db, self.settings)
                self.version = version
            self.tell("")
        except ConfigurationError as error:
            self.tell(str(error))
        except StoreError:  # the probe tells of that
            pass

    def has_expired(self) -> bool:
        return self.expires_us is not None and self.db.now_us() >= self.expires_us

    def tell(self, problem: str) -> None:
        """Once."""
        if problem and problem != self.problem:
            log.error("the sources could not be read: %s", problem)
        self.problem = problem


def has_sources(db: Database, settings: Settings) -> bool:
    """Whether there is a business to receive for, as far as the database says."""
    with contextlib.suppress(StoreError):
        return bool(operations.all_sources(db, settings))
    return True
