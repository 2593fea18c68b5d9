"""Processes that stand still while others go on."""

import os
import signal
from contextlib import suppress

from receiver.errors import StoreUnavailable


def stop_between_commits(db, pids):
    """Who is stopped in the midst of a commit has the lock that everybody else waits for: then they go on, and again."""
    for _ in range(50):
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        with suppress(StoreUnavailable):
            return db.commit(lambda tx: None, timeout_s=1)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    raise AssertionError("they are always in the midst of a commit")
