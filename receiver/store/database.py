"""What the inbox asks of a database: SQLite and Postgres both give it, and the SQL text is the same for both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class FromNow:
    """A value for a statement: the time so many microseconds from when it runs, by the database's own clock.

    What a process believes the time to be is as old as its last look at that clock. A lease that was compared with
    such a belief could be taken from a worker that lives.
    """

    us: int = 0

    def __add__(self, us: int) -> FromNow:
        return FromNow(self.us + us)

    def __sub__(self, us: int) -> FromNow:
        return FromNow(self.us - us)


Time = int | FromNow


class Cursor(Protocol):
    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> Any: ...


class Transaction(Protocol):
    """What a piece of writing gets. Values are bound to `?`, FromNow too; rows are read by column name."""

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Cursor: ...

    def executemany(self, sql: str, values: Iterable[Sequence[Any]], /) -> Any: ...

    def execute_each(self, sql: str, each: Iterable[Sequence[Any]], /) -> list[list[Row]]:
        """The rows that the statement gives for each of these tuples of values, in their order, in one round trip."""
        ...


class Nudges(Protocol):
    """How the dispatcher hears that there is something to do."""

    def wait(self, timeout_s: float) -> bool:
        """Until nudged, or for so long; whether nudged."""
        ...

    def close(self) -> None: ...


class Database(Protocol):
    """The inbox's database, for one process: open it after a fork, never before.

    Every method raises StoreUnavailable where the database is in trouble by itself (whatever is asked next would
    fail too), and StoreError where it refuses what was asked.
    """

    shared: bool  # by several machines, perhaps: then its schema is changed by `receiver migrate` only

    def commit(self, work: Callable[[Transaction], Result], *, timeout_s: float = 10, nudges: bool = False) -> Result:
        """Do `work` in a transaction, together with whatever else waits; its result once it is on disk.

        With `nudges` the dispatcher is told then, once for all that went to disk together.

        Where it raises StoreUnavailable the work may have been committed all the same: do only what may be repeated.
        """
        ...

    def commit_together(
        self, work: Callable[[Transaction, Sequence[Item]], Sequence[Result]], item: Item, *, timeout_s: float = 10
    ) -> Result:
        """As `commit`; what waits with an equal `work` is done by one call of it, with all their items.

        It returns a result for each of them.
        """
        ...

    def start(self) -> None:
        """Be ready to commit, also for the first time when the process ends."""
        ...

    def read(self, sql: str, values: Sequence[Any] = (), *, timeout_s: float = 10) -> Sequence[Row]:
        """The rows of a SELECT, which neither waits for a commit nor delays one.

        Raises StoreError where it takes longer than `timeout_s` ("the read took over 10 s").
        """
        ...

    def read_each(self, sql: str, each: Sequence[Sequence[Any]], *, timeout_s: float = 10) -> Sequence[Sequence[Row]]:
        """The rows of a SELECT for each of these tuples of values, for hardly more than one read costs. As `read`."""
        ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """A transaction of the caller's own; only for tests and for the thread that commits."""
        ...

    def purge(self, tables: Sequence[str], *, timeout_s: float = 60) -> bool:
        """Have nothing left, in free space or in a log, of rows of these tables that were deleted or changed.

        Deliveries are received meanwhile. False where somebody still read the old content when the time was up.
        """
        ...

    def now_us(self) -> int:
        """The time that all processes at this database agree on, in microseconds."""
        ...

    def nudge(self) -> None:
        """Tell the dispatcher, on whichever machine it is, without waiting for it."""
        ...

    def nudges(self) -> Nudges: ...

    def others_claim(self, tx: Transaction, runs: Sequence[int]) -> set[int]:
        """Those of these runs of whose calls another transaction is claiming one at this moment.

        For the others none can, until this transaction ends.
        """
        ...

    def prepare(self) -> None:
        """At the start, before the schema is looked at: make what is missing of the database itself.

        Raises ConfigurationError where it cannot hold an inbox, StoreError.
        """
        ...

    # The schema, whose types and version each database writes in its own way.

    def lock_schema(self, tx: Transaction) -> None: ...

    def schema_version(self, tx: Transaction) -> int: ...

    def set_schema_version(self, tx: Transaction, version: int) -> None: ...

    def ddl(self, statement: str) -> str:
        """A statement of the schema in this database's own words."""
        ...

    def close(self) -> None: ...


def place_holders(values: Sequence[Any]) -> tuple[str, list[Any]]:
    """For `IN (…)`: the text, and what is bound to it, the last one repeated up to a power of two.

    So statements for one, two, three … values are few, and stay prepared.
    """
    bound = list(values)
    if not bound:
        return "NULL", []
    number = 1 << (len(bound) - 1).bit_length()
    return ", ".join("?" * number), bound + bound[-1:] * (number - len(bound))
