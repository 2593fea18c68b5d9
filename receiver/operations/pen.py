"""What leaves the pen when it is a week old, and what it says of people."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .. import inbox
from ..events import parse_object
from ..inbox import Penned
from ..store import Database
from ..verify import decompressed
from .aging import Aging

UNPACKED_BYTES = 16 * 1024 * 1024  # of a packed body: 64 KiB may hold a thousand times as much


def empty_pen(db: Database, aging: Aging) -> str:
    """A chore. Raises StoreError."""
    if aging.is_believed():
        db.commit(lambda tx: inbox.empty(tx, db.now_us()))
    return ""


def texts_of(request: Penned) -> Iterator[str]:
    """All that a refused request says, packed or in any escape."""
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
