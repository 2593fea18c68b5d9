"""What only a web process can tell: that nothing can be stored; and, where no worker leads, all that one would tell.

It looks from a thread of its own, so whatever hangs here holds no request up, and only where an alert is wanted.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from .. import inbox, operations, registry
from ..errors import NotStored, StoreError
from ..registry import Activation, Notice
from ..settings import Settings
from ..store import Database

log = logging.getLogger("receiver.alerts")

LOOK_EVERY_S = 15
UNSTORED_S = 60  # a database that restarts is back by then
UNLED_US = 60_000_000  # a worker that restarts leads again by then
NO, YES = b"0", b"1"

Ways = Callable[[], Sequence[Activation]]


def start(settings: Settings, db: Database, probe: Callable[[], None], env: Mapping[str, str]) -> None:
    """Where a variable asks for alerts. `probe` raises NotStored where nothing can be committed."""
    if any(name.startswith("ALERT_") and value.strip() for name, value in env.items()):
        ways = partial(registry.notifiers, "handlers", env)  # they are imported when there is something to tell
        alarm = Alarm(settings, db, probe, ways)
        threading.Thread(target=alarm.keep_looking, daemon=True, name="alarm").start()


class Alarm:
    def __init__(
        self,
        settings: Settings,
        db: Database,
        probe: Callable[[], None],
        ways: Ways,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.db = db
        self.probe = probe
        self.ways = ways
        self.clock = clock
        self.unstored_since: float | None = None
        self.told = Told(settings.data_dir / "told-unstored")

    def keep_looking(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_S * random.uniform(1, 1.3))  # noqa: S311 (no secret): not all processes at once
            try:
                self.look()
            except Exception as error:  # without its text, which may hold a secret; the next look is in 15 s
                log.warning("what needs attention could not be seen (%s)", type(error).__name__)

    def look(self) -> None:
        try:
            self.probe()
        except NotStored as error:
            self.note_unstored(error)
            return
        self.note_stored()
        with contextlib.suppress(StoreError):  # tables of another version, or a database that has just gone
            if self.is_unled():
                self.stand_in()

    def note_unstored(self, error: NotStored) -> None:
        if self.unstored_since is None:
            self.unstored_since = self.clock()
        if self.clock() - self.unstored_since >= UNSTORED_S:
            notice = operations.unstored_notice(error.__cause__, self.settings.language)
            self.tell(notice, YES)

    def note_stored(self) -> None:
        self.unstored_since = None
        if self.told.value() == YES:
            self.tell(operations.stored_notice(self.settings.language), NO)

    def tell(self, notice: Notice, value: bytes) -> None:
        """Directly, as there is no database to note it in; by one process, and again until one way has worked."""
        with self.told.locked() as is_ours:
            if not is_ours or self.told.value() == value:
                return
            ways = [(way, target) for way in self.ways() if way.state == "on" for target in way.targets]
            problems = [operations.send(way, target, notice) for way, target in ways]
            for (way, _), problem in zip(ways, problems, strict=True):
                if problem:
                    log.warning("an alert did not go out by %s: %s", way.handler.name, problem)
            if "" in problems or not problems:
                self.told.note(value)

    def is_unled(self) -> bool:
        return not inbox.is_led(self.db) and self.db.now_us() - inbox.last_led(self.db) > UNLED_US

    def stand_in(self) -> None:
        """Do what a worker does. What is told is decided in the database, so that two of us tell it once."""
        ways = self.ways()
        operations.watch(self.db, self.settings, ways)
        for send in operations.sending(self.db, ways).values():
            send()


class Told:
    """Whether it was told that nothing can be stored: for all processes of this machine, and over a restart.

    A byte of a file that is there already: to write that takes no room on a full disk.
    """

    def __init__(self, path: Path) -> None:
        self.memory = NO
        self.file: int | None = None
        with contextlib.suppress(OSError):
            self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if not os.pread(self.file, 1, 0):
                os.pwrite(self.file, NO, 0)

    def value(self) -> bytes:
        with contextlib.suppress(OSError):
            return os.pread(self.file, 1, 0) if self.file is not None else self.memory
        return self.memory

    def note(self, value: bytes) -> None:
        self.memory = value
        with contextlib.suppress(OSError):
            if self.file is not None:
                os.pwrite(self.file, value, 0)

    @contextlib.contextmanager
    def locked(self) -> Iterator[bool]:
        """Whether nobody else tells it just now."""
        if self.file is None:
            yield True
            return
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        try:
            yield True
        finally:
            fcntl.flock(self.file, fcntl.LOCK_UN)
