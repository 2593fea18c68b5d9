"""An inbox that is filled in SQL, as one by one would take days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from receiver.store import Database

NUMBERS = "WITH RECURSIVE n (i) AS (SELECT CAST(? AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
BATCH = 200_000  # ids are random, so each batch touches all pages of an index: few batches write less
Statements = Iterable[tuple[str, Sequence[Any]]]


def batches(number: int) -> Iterator[tuple[int, int]]:
    """The first and the last of each batch."""
    return ((first + 1, min(first + BATCH, number)) for first in range(0, number, BATCH))


def fill(
    db: Database, number: int, statements: Callable[[tuple[int, int]], Statements], *, more: Callable[[], bool]
) -> int:
    """Execute the statements of each batch, for so many rows or while there is to be `more`. Returns how many."""
    last = 0
    for batch in batches(number):
        if not more():
            break
        for sql, values in statements(batch):
            db.commit(lambda tx, sql=sql, values=values: tx.execute(sql, values), timeout_s=600)
        last = batch[1]
    return last


def draw_behind(db: Database, ends: Mapping[str, int]) -> None:
    """Ids were given, not drawn: the next of each table is drawn behind its end, which SQLite does by itself."""
    for table, end in ends.items() if db.shared else ():
        sql = f"ALTER TABLE {table} ALTER COLUMN id RESTART WITH {end + 1}"
        db.commit(lambda tx, sql=sql: tx.execute(sql))
