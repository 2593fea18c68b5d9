"""The calls as they stand now: pages bring into the table what no worker has counted yet, a little at a time."""

from __future__ import annotations

import contextlib

from .. import operations
from ..errors import StoreError
from ..operations import Behind, Board, Folded
from .desk import Desk

FOR_S = 2.0


def count_calls(desk: Desk) -> Behind | None:
    """What is still missing from the table; None where nothing is. Raises StoreError."""
    result = desk.cache.get("folded", FOR_S, lambda: fold(desk))
    if result is None or not result.more:
        return None
    return desk.cache.get("behind", FOR_S, lambda: operations.behind(desk.db, result.up_to, source=desk.source))


def board_now(desk: Desk) -> Board:
    """Whom to call back, asked of the database: another process may just have marked somebody. Raises StoreError."""
    return desk.cache.put("board", FOR_S, operations.board(desk.db, source=desk.source))


def fold(desk: Desk) -> Folded | None:
    """None where nothing can be written just now: what is there is shown all the same."""
    before: list[Folded] = desk.cache.get("folding", 3600, list)
    with contextlib.suppress(StoreError):
        result = operations.fold(desk.db, desk.sources, after=before[0].up_to if before and before[0].more else 0)
        before[:] = [result]
        return result
    return None
