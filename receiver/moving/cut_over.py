"""The cut-over: from one moment on the file takes nothing more, and the other side everything."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import ConfigurationError, InboundFlowError, StoreError
from ..inbox import AbandonedRuns
from ..store import MOVED, MOVED_TO, was_moved
from .tables import FAR_US

if TYPE_CHECKING:
    from ..store import Sqlite

RUNS_END_WITHIN_S = 120

# Nothing is stored here any more, opened or begun: what is running may still write down how it ended, and that is all.
# The lease alone would not do, as a dispatcher looks at its own only once a second.
CLOSED = {
    "moved_deliveries": "INSERT ON deliveries",
    "moved_dispatch": "UPDATE OF dispatched_us ON deliveries",
    "moved_opening": "INSERT ON runs",
    "moved_runs": "UPDATE ON runs WHEN OLD.state <> 'running'",
    "moved_lost": "UPDATE ON attempts WHEN NEW.result = 'lost'",
    "moved_job": "INSERT ON jobs",
    "moved_jobs": "UPDATE ON jobs",
    "moved_job_runs": "UPDATE ON job_runs",
}
CLOSE = (
    *(
        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {what} BEGIN SELECT RAISE(ABORT, '{MOVED}'); END"
        for name, what in CLOSED.items()
    ),
    f"INSERT INTO leases (name, owner, until_us) VALUES ('dispatcher', '{MOVED_TO}', ?) "
    "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_us = excluded.until_us",
)
REOPEN = (
    *(f"DROP TRIGGER IF EXISTS {name}" for name in CLOSED),
    f"DELETE FROM leases WHERE name = 'dispatcher' AND owner = '{MOVED_TO}'",
)
OPEN_AGAIN = "The file is open again, and the receiver goes on with it."
CLOSED_BEFORE = "The file was closed before, and still is: the same command with --undo-cutover opens it."
STILL_CLOSED = "The file is still closed, and the receiver answers 503: the same command with --undo-cutover opens it"


class Closing:
    """A file that is closed for a while."""

    def __init__(self, source: Sqlite) -> None:
        self.source = source
        self.was_closed = source.commit(was_moved)  # by an earlier cut-over: the receiver may be on the other side
        self.is_kept = self.was_closed
        self.is_undone = False

    def keep(self) -> None:
        """It stays closed."""
        self.is_kept = True

    def end(self) -> str:
        """Open the file again, unless it is to stay closed; a sentence that says how it stands."""
        if self.is_kept:
            return CLOSED_BEFORE
        try:
            reopen_source(self.source)
        except StoreError as error:
            return f"{STILL_CLOSED} ({error})"
        self.is_undone = True
        return OPEN_AGAIN


@contextlib.contextmanager
def closed(source: Sqlite) -> Iterator[Closing]:
    """The file closed, and open again at the end, however that comes, unless it is kept closed.

    Raises ConfigurationError for whatever ends it early, Ctrl-C too: how the file stands matters more then.
    """
    closing = Closing(source)
    with signals_as_interrupts():
        try:
            close_source(source)
            yield closing
        except (InboundFlowError, KeyboardInterrupt) as error:
            reason = str(error).rstrip(".") or "it was interrupted"
            raise ConfigurationError(f"The cut-over did not come to its end: {reason}. {closing.end()}") from error
        except BaseException:
            closing.end()
            raise
        closing.end()


@contextlib.contextmanager
def signals_as_interrupts() -> Iterator[None]:
    """Whatever asks this process to end does so as Ctrl-C, which does not pass by what has to be undone."""
    ends = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) == signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        ends = []  # another may set no signal handler
    for number in ends:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in ends:
            signal.signal(number, signal.SIG_DFL)


def close_source(source: Sqlite) -> None:
    """From now on the file stores nothing (503) and begins nothing; wait until what it has begun has ended.

    A run whose worker is gone stays `running` with its lease: the new side takes it over as it always does, after
    its call must have ended, and asks the destination first. Raises ConfigurationError where one does not end,
    StoreError.
    """
    source.commit(lambda tx: [tx.execute(sql, (FAR_US,) if "?" in sql else ()) for sql in CLOSE])
    deadline = time.monotonic() + RUNS_END_WITHIN_S
    runs = AbandonedRuns(source)
    while runs.held(source.now_us()):
        if time.monotonic() > deadline:
            raise ConfigurationError("Some runs do not end: stop the old worker, and run this again.")
        time.sleep(0.2)


def reopen_source(source: Sqlite) -> None:
    """Undo `close_source`. Raises StoreError."""
    source.commit(lambda tx: [tx.execute(sql) for sql in REOPEN])
