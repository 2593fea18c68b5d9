"""What a handler forks has no part in our conversations with the Postgres server.

A forked process has our sockets. The server hears of a session's end only once the last of them is closed: one that
outlived its parent, killed in a transaction, kept the locks of that, and nobody could take over any run.
"""

from __future__ import annotations

import contextlib
import os
import weakref

import psycopg

OPEN: weakref.WeakSet[psycopg.Connection] = weakref.WeakSet()


def keep_from_forks(connection: psycopg.Connection) -> None:
    OPEN.add(connection)


def let_go() -> None:
    """In the new process. The numbers stay taken: whoever closes them later must not meet another file there."""
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for connection in OPEN:
        with contextlib.suppress(OSError, psycopg.Error):
            os.dup2(null, connection.fileno(), inheritable=False)
    os.close(null)


os.register_at_fork(after_in_child=let_go)
