"""Looks at the inbox for damage, in a process of its own: on a large file that takes a while."""

from __future__ import annotations

import logging
import os
import time

from .. import operations, store
from ..errors import StoreError
from ..settings import Settings

log = logging.getLogger("receiver.worker")

FILE_EVERY_S = 24 * 3600  # each look reads the whole file
SERVER_EVERY_S = 60  # asks one question


class Inspection:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.every_s = SERVER_EVERY_S if settings.database_url else FILE_EVERY_S
        self.pid = 0
        self.next_at = time.monotonic()

    def keep(self) -> None:
        """Begin a look when it is time for one."""
        if self.pid and os.waitpid(self.pid, os.WNOHANG)[0]:
            self.pid = 0
        if not self.pid and time.monotonic() >= self.next_at:
            self.next_at = time.monotonic() + self.every_s
            self.pid = os.fork() or self.look()

    def look(self) -> int:
        """In the new process, which ends here."""
        try:
            if problem := operations.inspect(store.connect(self.settings)):
                log.error("%s", problem)
        except StoreError as error:
            log.warning("the inbox could not be looked at: %s", error)
        finally:
            os._exit(0)
