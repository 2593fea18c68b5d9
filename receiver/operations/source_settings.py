"""What each business has set for itself: its zone and language, the days it is closed, how long its calls are kept."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from .. import inbox
from ..errors import ConfigurationError
from ..locales import zone_of
from ..settings import Settings, read
from ..store import Database
from .businesses import sealer

log = logging.getLogger("receiver.operations")


class SourceSettings:
    """Read from the database, and again where a source was changed; "" has the environment's."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.db = db
        self.settings = settings
        self.mutex = threading.Lock()
        self.version = ""
        self.by_name: Mapping[str, Settings] = {}
        self.on: frozenset[str] = frozenset()

    def of(self, source: str) -> Settings:
        """The environment's too for a source that is removed. Raises StoreError."""
        return self.named().get(source, self.settings) if source else self.settings

    def named(self) -> Mapping[str, Settings]:
        """Of each source but "", in order, disabled ones too. Raises StoreError."""
        version = inbox.sources_version(self.db)
        with self.mutex:
            if version != self.version:
                self.look()
                self.version = version
            return self.by_name

    def named_on(self) -> Mapping[str, Settings]:
        """The same of those that deliveries are received for. Raises StoreError."""
        return {name: own for name, own in self.named().items() if name in self.on}

    def is_on(self, source: str) -> bool:
        """Whether deliveries are received for it. Raises StoreError."""
        others = self.named()
        return source in self.on if source else self.settings.has_business or not others

    def look(self) -> None:
        """Where the key does not open them, those that are known stay as they were."""
        rows, seal = inbox.stored_sources(self.db), sealer(self.settings)
        try:
            self.by_name = {row.name: read(seal.open(row.sealed)) for row in rows}
        except ConfigurationError as error:
            log.error("the settings of the sources could not be read: %s", error)
        self.on = frozenset(row.name for row in rows if row.disabled_us is None)

    def zone(self, source: str) -> ZoneInfo:
        """Raises StoreError."""
        return business_zone(self.of(source))


def business_zone(settings: Settings) -> ZoneInfo:
    """UTC where BUSINESS_TIMEZONE names none that there is."""
    return zone_of(settings.zone) or ZoneInfo("UTC")
