"""Moves a SQLite inbox to Postgres, while the receiver goes on working.

Both sides are walked in windows of ids and compared row by row; what is missing or different there is written. So
it may be stopped at any moment and started again, and run again for what came since: it finds what is left to do.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from ..store import MOVED, MOVED_TO, NOTE, Transaction, migrate

if TYPE_CHECKING:
    from ..store import Postgres, Sqlite

WINDOW = 500  # ids in one look at both sides
FAR_US = 253_370_764_800_000_000  # the year 9999
RUNS_END_WITHIN_S = 120

# Nothing is stored here any more, opened or begun: what is at work may still write down how it ended, and that is all.
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


@dataclass(frozen=True, kw_only=True)
class Table:
    name: str
    columns: str
    range: str  # the integer column whose windows are walked
    key: str
    only: str = "1 = 1 OR ? = 0"  # rows that belong to the deliveries up to a number
    identity: bool = True


OF_RUNS = (
    "id, delivery_id, handler, target, call_id, state, attempts, failures, next_attempt_us, queued_us, lease_owner"
)
TABLES = (
    Table(
        name="deliveries", range="id", key="id", only="id <= ?",
        columns="id, source, key, event, organization_id, call_id, caller_phone, received_us, dispatched_us, body, "
        "received_body, headers, problems",
    ),
    Table(
        name="conflicts", range="id", key="id", only="delivery_id <= ?", columns="id, delivery_id, received_us, body"
    ),
    Table(
        name="runs", range="id", key="id", only="delivery_id <= ?",
        columns="id, delivery_id, handler, target, call_id, state, attempts, failures, next_attempt_us, queued_us, "
        "lease_owner, lease_until_us, outcome, last_error",
    ),
    Table(
        name="attempts", range="run_id", key="run_id, number", identity=False,
        only="run_id IN (SELECT id FROM runs WHERE delivery_id <= ?)",
        columns="run_id, number, started_us, ended_us, result, detail",
    ),
    Table(name="pauses", range="since_us", key="handler, target", identity=False,
          columns="handler, target, reason, since_us"),
    Table(name="rejections", range="minute", key="minute, reason", identity=False, columns="minute, reason, count"),
    Table(name="rejection_samples", range="id", key="id", columns="id, received_us, reason, headers"),
    Table(name="audit", range="id", key="id", columns="id, at_us, action, detail"),
)  # fmt: skip
BODIES = ("body", "received_body")

Row = tuple[Any, ...]


@dataclass(kw_only=True)
class Compared:
    """One table on both sides. `different` is missing there, other there, or there only."""

    table: str
    here: int = 0
    there: int = 0
    different: int = 0


class Copy:
    """From `source` to `target`. Every method raises StoreError where one of them does not answer."""

    def __init__(self, source: Sqlite, target: Postgres) -> None:
        self.source = source
        self.target = target

    def prepare(self) -> None:
        """Make the tables there. Raises ConfigurationError where they hold another inbox, or have been worked on."""
        migrate(self.source)
        migrate(self.target)
        mine = self.identity()
        theirs = {row["name"]: row["value"] for row in self.target.read("SELECT name, value FROM facts")}
        if theirs.get("copied_from") == mine and self.has_worked_there():
            raise ConfigurationError(
                "A receiver has already worked on that database. Copying again could undo what it has done there."
            )
        if theirs.get("copied_from", mine) != mine or (
            "copied_from" not in theirs and self.target.read("SELECT 1 FROM deliveries LIMIT 1")
        ):
            raise ConfigurationError(
                "That database holds another inbox. Give --to an empty database: each inbox needs one of its own."
            )
        self.target.commit(lambda tx: tx.execute(NOTE, ("copied_from", mine, self.target.now_us())))

    def identity(self) -> str:
        """The name of the source inbox, by which a target is known to be its copy."""

        def look(tx: Transaction) -> str:
            sql = "INSERT INTO facts (name, value, noted_us) VALUES ('inbox', ?, ?) ON CONFLICT (name) DO NOTHING"
            tx.execute(sql, (uuid.uuid4().hex, self.source.now_us()))
            return str(tx.execute("SELECT value FROM facts WHERE name = 'inbox'").fetchone()["value"])

        return self.source.commit(look)

    def run(self) -> Iterator[Compared]:
        """Bring over what is missing or different, one table after another."""
        upto = self.source.read("SELECT coalesce(max(id), 0) AS id FROM deliveries")[0]["id"]
        for table in TABLES:
            yield self.walk(table, upto, write=True)
            if table.identity:
                self.target.commit(lambda tx, name=table.name: tx.execute(  # type: ignore[misc]
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), greatest(max(id), 1)) FROM {name}"
                ))  # fmt: skip

    def verify(self) -> list[Compared]:
        """Every row of both sides, compared; nothing is written."""
        upto = self.source.read("SELECT coalesce(max(id), 0) AS id FROM deliveries")[0]["id"]
        return [self.walk(table, upto, write=False) for table in TABLES]

    def close_source(self) -> None:
        """From now on the old side stores nothing (503) and begins nothing; wait until what it has begun has ended.

        A run whose worker is gone stays `running` with its lease: the new side takes it over as it always does, after
        its call must have ended, and asks the destination first. Raises ConfigurationError where one does not end.
        """
        self.source.commit(lambda tx: [tx.execute(sql, (FAR_US,) if "?" in sql else ()) for sql in CLOSE])
        deadline = time.monotonic() + RUNS_END_WITHIN_S
        at_work = "SELECT count(*) AS n FROM runs WHERE state = 'running' AND lease_until_us >= ?"
        while self.source.read(at_work, (self.source.now_us(),))[0]["n"]:
            if time.monotonic() > deadline:
                raise ConfigurationError("Some runs do not end: stop the old worker, and run this again.")
            time.sleep(0.2)

    def has_worked_there(self) -> bool:
        """Whether a worker has run on the target: its dispatcher's lease stays when it ends."""
        return bool(self.target.read("SELECT 1 FROM leases WHERE name = 'dispatcher'"))

    def came_there(self) -> int:
        """How many deliveries the target has that the source has not: a receiver on it has taken them."""
        here, there = (db.read("SELECT count(*) AS n FROM deliveries")[0]["n"] for db in (self.source, self.target))
        return max(0, int(there) - int(here))

    def check_unused(self) -> None:
        """Raises ConfigurationError where going back would repeat what was done there, or leave what came there."""
        is_ours = self.target.commit(self.target.schema_version) and self.target.read(
            "SELECT 1 FROM facts WHERE name = 'copied_from' AND value = ?", (self.identity(),)
        )
        if not is_ours:
            raise ConfigurationError("This inbox was not moved to that database: give --to the same address as before.")
        if self.has_worked_there() or self.came_there():
            more = (
                f", and {number} deliveries came there that this file has not" if (number := self.came_there()) else ""
            )
            raise ConfigurationError(
                f"A receiver has worked on that database{more}. On the file, what was done there would be done again. "
                "Go on there: start the receiver with its address in DATABASE_URL. With --force the file is opened all "
                "the same."
            )

    def reopen_source(self) -> None:
        """Undo `close_source`."""
        self.source.commit(lambda tx: [tx.execute(sql) for sql in REOPEN])

    def walk(self, table: Table, upto: int, *, write: bool) -> Compared:
        found = Compared(table=table.name)
        for low, high in self.windows(table):
            here, there = self.here(table, low, high, upto), self.there(table, low, high, upto)
            more = there.keys() - here.keys()
            changed = [key for key, row in here.items() if there.get(key) != row]
            found.here += len(here)
            found.there += len(there)
            found.different += len(changed) + len(more)
            if write and more:
                self.delete(table, more)
            if write and changed:
                self.write(table, low, high, upto, set(changed))
        return found

    def windows(self, table: Table) -> Iterator[tuple[int, int]]:
        """From each window's end to the next; the last one has no end."""
        low = -1
        sql = f"SELECT {table.range} AS id FROM {table.name} WHERE {table.range} > ? ORDER BY 1 LIMIT 1 OFFSET ?"
        while rows := self.source.read(sql, (low, WINDOW - 1)):
            yield low, rows[0]["id"]
            low = rows[0]["id"]
        yield low, FAR_US

    def here(self, table: Table, low: int, high: int, upto: int, *, whole: bool = False) -> dict[Row, Row]:
        """The source's rows of a window by their keys, as the target should have them; bodies as digests."""
        rows = self.source.read(self.select(table), (low, high, upto))
        return self.by_key(table, [as_there(table, dict(row), whole=whole) for row in rows])

    def there(self, table: Table, low: int, high: int, upto: int) -> dict[Row, Row]:
        columns = [f"md5({name}) AS {name}" if name in BODIES else name for name in names(table)]
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
        rows = [row for key, row in self.here(table, low, high, upto, whole=True).items() if key in keys]
        columns = names(table)
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


def names(table: Table) -> list[str]:
    return table.columns.split(", ")


def as_there(table: Table, row: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    """A row as it should stand on the other side: no job is there, so what is queued here waits there."""
    if table.name == "runs" and row["state"] == "queued":
        row |= {"state": "pending", "queued_us": None}
    if not whole:
        row |= {name: md5(row[name]) for name in BODIES if row.get(name) is not None}
    return row


def md5(body: bytes) -> str:
    """Postgres computes the same; against damage, not against malice."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
