"""Copies a SQLite inbox to Postgres, while the receiver goes on working.

It may be stopped at any moment and started again, and run again for what came since: it finds what is left to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import ConfigurationError
from ..store import NOTE, inbox_name, migrate, was_worked_on
from .compare import Compared, Comparison
from .tables import TABLES


class Copy(Comparison):
    """The one is a copy of the other, or becomes it."""

    def prepare(self) -> None:
        """Make the tables there. Raises ConfigurationError where they hold another inbox, or have been worked on."""
        migrate(self.source)
        migrate(self.target)
        identity = self.identity()
        copied = {row["name"]: row["value"] for row in self.target.read("SELECT name, value FROM facts")}
        if copied.get("copied_from") == identity and was_worked_on(self.target):
            raise ConfigurationError(
                "A receiver has already worked on that database. Copying again could undo what it has done there. What "
                "came to the file since the last copy: `receiver doctor`, with that database in DATABASE_URL, says how "
                "much that is, and what brings it to its destinations."
            )
        if copied.get("copied_from", identity) != identity or (
            "copied_from" not in copied and self.target.read("SELECT 1 FROM deliveries LIMIT 1")
        ):
            raise ConfigurationError(
                "That database holds another inbox. Give --to an empty database: each inbox needs one of its own."
            )
        self.target.commit(lambda tx: tx.execute(NOTE, ("copied_from", identity, self.target.now_us())))

    def identity(self) -> str:
        """The name of the source inbox, by which a target is known to be its copy."""
        return inbox_name(self.source)

    def rows(self) -> int:
        """How many there are to be looked at."""
        counts = (self.source.read(f"SELECT count(*) AS n FROM {table.name}")[0]["n"] for table in TABLES)
        return sum(map(int, counts))

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

    def arrived_there(self) -> int:
        """How many deliveries the target has that the source has not: a receiver on it has taken them."""
        source, target = (db.read("SELECT count(*) AS n FROM deliveries")[0]["n"] for db in (self.source, self.target))
        return max(0, int(target) - int(source))

    def check_unused(self) -> None:
        """Raises ConfigurationError where going back would repeat what was done there, or leave what came there."""
        is_ours = self.target.commit(self.target.schema_version) and self.target.read(
            "SELECT 1 FROM facts WHERE name = 'copied_from' AND value = ?", (self.identity(),)
        )
        if not is_ours:
            raise ConfigurationError("This inbox was not moved to that database: give --to the same address as before.")
        if was_worked_on(self.target) or self.arrived_there():
            more = (
                f", and {number} deliveries came there that this file has not"
                if (number := self.arrived_there())
                else ""
            )
            raise ConfigurationError(
                f"A receiver has worked on that database{more}. On the file, what was done there would be done again. "
                "Go on there: start the receiver with its address in DATABASE_URL. With --force the file is opened all "
                "the same."
            )
