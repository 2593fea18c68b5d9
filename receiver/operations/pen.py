"""What leaves the pen: what is a week old, and what somebody wants erased."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .. import inbox
from ..events import parse_object
from ..inbox import Penned
from ..store import Database
from ..verify import decompressed

UNPACKED_BYTES = 16 * 1024 * 1024  # of a packed body: 64 KiB may hold a thousand times as much


def empty_pen(db: Database) -> str:
    """A chore. Raises StoreError."""
    db.commit(lambda tx: inbox.empty(tx, db.now_us()))
    return ""


def erase_pen(db: Database, text: str, *, dry_run: bool = False) -> int:
    """Delete every refused request that holds `text`, as it stands there or in any escape; how many. Raises StoreError.

    Each web process writes what it refused in the last seconds after this: erase again a little later.
    """
    if not text:
        return 0
    ids = [request.id for request in inbox.penned(db) if any(text in held for held in texts(request))]
    return len(ids) if dry_run else db.commit(lambda tx: inbox.let_go(tx, ids))


def texts(request: Penned) -> Iterator[str]:
    yield json.dumps(dict(request.headers), ensure_ascii=False)
    unpacked = decompressed(request.headers, request.body, UNPACKED_BYTES)
    body = request.body if unpacked is None else unpacked
    yield body.decode(errors="replace")
    yield from strings(parse_object(body))


def strings(document: object) -> Iterator[str]:
    level = [document]
    while level:
        value = level.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            level += [*value, *value.values()]
        elif isinstance(value, list):
            level += value
