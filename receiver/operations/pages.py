"""The list of deliveries, page after page, newest first: no page reads more than a bounded number of rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from ..errors import OperationError
from ..locales import Texts
from ..registry import Lane
from ..store import Database, Row
from .documents import columns_to_json
from .selection import Condition, Selection, marks
from .standing import lanes_now

COUNTED = 10_000  # matches that are counted; of more it is enough to know that
WINDOW = 10_000  # deliveries that one query looks at, where no index leads to those that match
WINDOWS = 10  # for one page, then it ends, full or not: some tenths of a second
# fmt: off
TEXTS = Texts({
    "place": ("{text} is no place in the list: give the one that the page before ends with.",
              "{text} no es un lugar de la lista: da el que aparece al final de la página anterior."),
})
# fmt: on
PLACE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")  # as many digits as fit a column
COLUMNS = (
    "d.id, d.source, d.key, d.event, d.call_id, d.organization_id, d.received_us, d.dispatched_us, d.erased_us, "
    "d.problems"
)


class Place(NamedTuple):
    """A place in the list, which is in the order of the index on the time of receipt."""

    received_us: int
    id: int

    def __str__(self) -> str:
        return f"{self.received_us}-{self.id}"


TOP, BOTTOM = Place(2**63 - 1, 2**63 - 1), Place(-1, -1)


@dataclass(frozen=True, kw_only=True)
class KeptRun:
    """`standing` is `state` as people are told it (standing.py); `failure` a slug of inbox/states.py."""

    id: int
    handler: str
    target: str
    state: str
    standing: str
    failures: int
    next_attempt_us: int
    outcome: str | None
    failure: str
    last_error: str | None


@dataclass(frozen=True, kw_only=True)
class KeptDelivery:
    id: int
    source: str
    key: str
    event: str
    call_id: str | None
    organization_id: str | None
    received_us: int
    dispatched_us: int | None
    erased_us: int | None  # since then nothing but its key, its event and its times is kept
    problems: str  # a JSON list
    runs: tuple[KeptRun, ...]


@dataclass(frozen=True, kw_only=True)
class Page:
    """`total` is of all pages; where there are `more`, they were not counted. `next` is None on the last page."""

    deliveries: tuple[KeptDelivery, ...]
    total: int
    more: bool
    next: str | None

    def to_json(self) -> dict[str, Any]:
        return columns_to_json(asdict(self))


def page(db: Database, selection: Selection, *, limit: int = 20, before: str = "") -> Page:
    """The newest deliveries before a place in the list (`next` of another page; "": the newest of all).

    A page may have fewer than `limit` though there is a next one: where no index leads to what matches, so many are
    looked at and no more. Raises OperationError where `before` is no such place, StoreError.
    """
    index = leading_index(db, selection)
    rows, place = match(db, selection, limit, read_place(before), index)
    total, more = count(db, selection, index)
    runs = runs_of(db, [row["id"] for row in rows])
    return Page(
        deliveries=tuple(KeptDelivery(**dict(row), runs=tuple(runs.get(row["id"], ()))) for row in rows),
        total=total,
        more=more,
        next=str(place) if place else None,
    )


def read_place(text: str) -> Place:
    if not text:
        return TOP
    if parts := PLACE.fullmatch(text):
        return Place(int(parts[1]), int(parts[2]))
    raise OperationError(TEXTS("place", text=text))


def leading_index(db: Database, selection: Selection) -> str:
    """On which table an index leads to all that match, and these are few; "": look at all, from the newest on."""
    if selection.ids or selection.call_id:
        return "deliveries"
    if not selection.index:
        return ""
    handler, values = ("r.handler = ?", [selection.handler]) if selection.handler else ("1 = 1", [])
    sql = f"SELECT count(*) AS n FROM (SELECT 1 FROM runs AS r WHERE {selection.index} AND {handler} LIMIT ?)"
    return "runs" if db.read(f"{sql} AS counted", [*values, COUNTED + 1])[0]["n"] <= COUNTED else ""


def match(
    db: Database, selection: Selection, limit: int, before: Place, index: str
) -> tuple[Sequence[Row], Place | None]:
    """Up to `limit` that match, newest first, and the place at which to go on, if there may be more."""
    rows: list[Row] = []
    for window in [(BOTTOM, before)] if index else windows(db, selection, before):
        sql, values = matching(selection, window, index)
        # Without the sum SQLite would walk the list instead of taking the few to which another index leads.
        order = "d.received_us + 0" if index else "d.received_us"
        rows += db.read(
            f"SELECT {COLUMNS} {sql} ORDER BY {order} DESC, d.id DESC LIMIT ?", [*values, limit + 1 - len(rows)]
        )
        if len(rows) > limit:
            return rows[:limit], Place(rows[limit - 1]["received_us"], rows[limit - 1]["id"])
        before = window[0]
    return rows, before if before > first(selection) else None


def count(db: Database, selection: Selection, index: str) -> tuple[int, bool]:
    """How many match, as far as that is counted, and whether there may be more."""
    total, bottom = 0, TOP
    for window in [(BOTTOM, TOP)] if index else windows(db, selection, TOP):
        sql, values = matching(selection, window, index)
        bounded = f"SELECT count(*) AS n FROM (SELECT 1 {sql} LIMIT ?) AS counted"
        total += db.read(bounded, [*values, COUNTED + 1 - total])[0]["n"]
        if total > COUNTED:
            return COUNTED, True
        bottom = window[0]
    return total, bottom > first(selection)


def windows(db: Database, selection: Selection, before: Place) -> Iterator[tuple[Place, Place]]:
    """From each place to look from (itself in it) up to one to look to, as many as a page may look at."""
    first_of_all = first(selection)
    high = min(before, TOP if selection.until_us is None else Place(selection.until_us, -1))
    sql = (
        "SELECT received_us, id FROM deliveries WHERE (received_us, id) < (?, ?) AND received_us >= ? "
        "ORDER BY received_us DESC, id DESC LIMIT 1 OFFSET ?"
    )
    for _ in range(WINDOWS):
        rows = db.read(sql, (*high, first_of_all.received_us, WINDOW - 1))
        low = Place(rows[0]["received_us"], rows[0]["id"]) if rows else first_of_all
        yield low, high
        if not rows:
            return
        high = low


def first(selection: Selection) -> Place:
    return BOTTOM if selection.since_us is None else Place(selection.since_us, -1)


def matching(selection: Selection, window: tuple[Place, Place], index: str) -> Condition:
    low, high = window
    condition, values = selection.deliveries()
    if selection.narrows_runs:
        of_runs, more = selection.runs()
        condition += (
            f" AND d.id IN (SELECT r.delivery_id FROM runs AS r WHERE {selection.index} AND {of_runs})"
            if index == "runs"
            else f" AND EXISTS (SELECT 1 FROM runs AS r WHERE r.delivery_id = d.id AND {of_runs})"
        )
        values = [*values, *more]
    between = "(d.received_us, d.id) >= (?, ?) AND (d.received_us, d.id) < (?, ?)"
    return f"FROM deliveries AS d WHERE {condition} AND {between}", [*values, *low, *high]


def runs_of(db: Database, deliveries: Sequence[int]) -> dict[int, list[KeptRun]]:
    """The runs of these deliveries, oldest first."""
    runs: dict[int, list[KeptRun]] = {}
    if not deliveries:
        return runs
    now = lanes_now(db)
    sql = (
        "SELECT delivery_id, source, id, handler, target, state, failures, next_attempt_us, outcome, failure, "
        f"last_error FROM runs WHERE delivery_id IN ({marks(deliveries)}) ORDER BY id"
    )
    for row in db.read(sql, deliveries):
        columns: dict[str, Any] = dict(row)
        of_delivery = runs.setdefault(columns.pop("delivery_id"), [])
        lane = Lane(columns.pop("source"), row["handler"], row["target"])
        of_delivery.append(KeptRun(**columns, standing=now.standing(lane, row["state"])))
    return runs
