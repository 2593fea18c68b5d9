"""What is on for all sources, in a process of the worker, and when it has to be read again."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence

from ..errors import ConfigurationError, StoreError
from ..operations import Routing
from ..registry import Activation
from ..store import Database

log = logging.getLogger("receiver.worker")

LOOK_EVERY_S = 2.0


class Sources:
    def __init__(self, db: Database, routing: Routing) -> None:
        self.db = db
        self.routing = routing
        self.version: str | None = None  # that was read last
        self.looked_at = -LOOK_EVERY_S

    def read(self) -> Sequence[Activation]:
        """What is on now. Raises StoreError. Sources that the key does not open are left out, and it says so."""
        self.version = self.routing.version(self.db)
        return self.activations()

    def activations(self) -> Sequence[Activation]:
        """Of the version that was read last. Raises StoreError."""
        try:
            return self.routing.activations(self.db)
        except ConfigurationError as error:
            log.error("the sources could not be read, so their runs wait: %s", error)
            return self.routing.single()

    def changed(self) -> bool:
        """Whether what is on has to be read; it looks every few seconds. Raises StoreError."""
        if time.monotonic() - self.looked_at < LOOK_EVERY_S:
            return False
        self.looked_at = time.monotonic()
        before, self.version = self.version, self.routing.version(self.db)
        return self.version != before

    def watch(self, on_change: Callable[[], object]) -> None:
        """Look in a thread of its own, and call `on_change` once."""
        threading.Thread(target=self.keep_looking, args=(on_change,), daemon=True, name="sources").start()

    def keep_looking(self, on_change: Callable[[], object]) -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            with contextlib.suppress(StoreError):
                if self.changed():
                    on_change()
                    return
