"""Both sides, walked in windows of ids and compared row by row; what is missing or different can be written there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .tables import BODIES, FAR_US, Table, columns_of, expected

if TYPE_CHECKING:
    from ..store import Postgres, Sqlite

WINDOW = 500  # ids in one look at both sides

Row = tuple[Any, ...]


@dataclass(kw_only=True)
class Compared:
    """One table on both sides. `different` is missing there, other there, or there only."""

    table: str
    here: int = 0
    there: int = 0
    different: int = 0


class Comparison:
    """From `source` to `target`. Every method raises StoreError where one of them does not answer."""

    def __init__(self, source: Sqlite, target: Postgres, advance: Callable[[int], object] = lambda more: None) -> None:
        self.source = source
        self.target = target
        self.advance = advance  # told how many more rows of the source were looked at

    def walk(self, table: Table, upto: int, *, write: bool) -> Compared:
        compared = Compared(table=table.name)
        for low, high in self.windows(table):
            ours, theirs = self.source_rows(table, low, high, upto), self.target_rows(table, low, high, upto)
            extra = theirs.keys() - ours.keys()
            changed = [key for key, row in ours.items() if theirs.get(key) != row]
            compared.here += len(ours)
            compared.there += len(theirs)
            compared.different += len(changed) + len(extra)
            self.advance(len(ours))
            if write and extra:
                self.delete(table, extra)
            if write and changed:
                self.write(table, low, high, upto, set(changed))
        return compared

    def windows(self, table: Table) -> Iterator[tuple[int, int]]:
        """From each window's end to the next; the last one has no end."""
        low = -1
        sql = f"SELECT {table.range} AS id FROM {table.name} WHERE {table.range} > ? ORDER BY 1 LIMIT 1 OFFSET ?"
        while rows := self.source.read(sql, (low, WINDOW - 1)):
            yield low, rows[0]["id"]
            low = rows[0]["id"]
        yield low, FAR_US

    def source_rows(self, table: Table, low: int, high: int, upto: int, *, whole: bool = False) -> dict[Row, Row]:
        """The source's rows of a window by their keys, as the target should have them; bodies as digests."""
        rows = self.source.read(self.select(table), (low, high, upto))
        return self.by_key(table, [expected(table, dict(row), whole=whole) for row in rows])

    def target_rows(self, table: Table, low: int, high: int, upto: int) -> dict[Row, Row]:
        columns = [f"md5({name}) AS {name}" if name in BODIES else name for name in columns_of(table)]
        rows = self.target.read(self.select(table, ", ".join(columns)), (low, high, upto))
        return self.by_key(table, [dict(row) for row in rows])

    def select(self, table: Table, columns: str = "") -> str:
        return (
            f"SELECT {columns or table.columns} FROM {table.name} "
            f"WHERE {table.range} > ? AND {table.range} <= ? AND ({table.only})"
        )

    def by_key(self, table: Table, rows: Sequence[dict[str, Any]]) -> dict[Row, Row]:
        key = table.key.split(", ")
        return {tuple(row[name] for name in key): tuple(row.values()) for row in rows}

    def write(self, table: Table, low: int, high: int, upto: int, keys: set[Row]) -> None:
        rows = [row for key, row in self.source_rows(table, low, high, upto, whole=True).items() if key in keys]
        columns = columns_of(table)
        updates = ", ".join(f"{name} = excluded.{name}" for name in columns)
        sql = (
            f"INSERT INTO {table.name} ({table.columns}) VALUES ({', '.join('?' * len(columns))}) "
            f"ON CONFLICT ({table.key}) DO UPDATE SET {updates}"
        )
        self.target.commit(lambda tx: tx.executemany(sql, rows), timeout_s=60)

    def delete(self, table: Table, keys: set[Row]) -> None:
        condition = " AND ".join(f"{name} = ?" for name in table.key.split(", "))
        sql = f"DELETE FROM {table.name} WHERE {condition}"
        self.target.commit(lambda tx: tx.executemany(sql, list(keys)), timeout_s=60)
