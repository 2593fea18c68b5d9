"""The cut-over: from one moment on the file takes nothing more, and the other side everything."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..errors import ConfigurationError
from ..store import MOVED, MOVED_TO
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
RUNNING = "SELECT count(*) AS n FROM runs WHERE state = 'running' AND lease_until_us >= ?"


def close_source(source: Sqlite) -> None:
    """From now on the file stores nothing (503) and begins nothing; wait until what it has begun has ended.

    A run whose worker is gone stays `running` with its lease: the new side takes it over as it always does, after
    its call must have ended, and asks the destination first. Raises ConfigurationError where one does not end,
    StoreError.
    """
    source.commit(lambda tx: [tx.execute(sql, (FAR_US,) if "?" in sql else ()) for sql in CLOSE])
    deadline = time.monotonic() + RUNS_END_WITHIN_S
    while source.read(RUNNING, (source.now_us(),))[0]["n"]:
        if time.monotonic() > deadline:
            raise ConfigurationError("Some runs do not end: stop the old worker, and run this again.")
        time.sleep(0.2)


def reopen_source(source: Sqlite) -> None:
    """Undo `close_source`. Raises StoreError."""
    source.commit(lambda tx: [tx.execute(sql) for sql in REOPEN])
