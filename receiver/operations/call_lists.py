"""Calls, one row each: the newest, those that somebody looks for, and one with everything about it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .. import inbox
from ..errors import NotFound
from ..events import Delivery, named_call
from ..registry import Lane
from ..store import Database, Row
from .arrived import places_of, undispatched
from .heard import Heard, folded, hear
from .selection import marks
from .show import ShownDelivery, show
from .subject import data_of

PAGE = 50
MATCHES = 2000  # of a search: the newest of them are shown
LEAST_LETTERS, LEAST_DIGITS = 2, 3
AFTER = "\U0010ffff"  # sorts behind every word that begins so
DELIVERIES_SHOWN = 50  # of one call
OUTCOMES = {
    "booked": "booked = 1",
    "transferred": "transferred = 1",
    "lead": "lead = 1",
    "wants": "wants = 1",
}
COLUMNS = (
    "id, source, call_id, at_us, phone_back, caller_name, completed, booked, transferred, lead, urgency, seconds, "
    "wants, ended_us"
)


class CallRow(NamedTuple):
    """A tuple, as the list of whom to call back is made of hundreds."""

    id: int
    source: str
    call_id: str
    at_us: int
    phone_back: str
    caller_name: str
    completed: int
    booked: int
    transferred: int
    lead: int
    urgency: int
    seconds: int | None
    wants: int
    ended_us: int

    @property
    def phone(self) -> str:
        """The digits, "" where it was withheld."""
        return self.phone_back[::-1]


@dataclass(frozen=True, kw_only=True)
class CallShown:
    """A row with what its reports say, and how it stands at each place."""

    row: CallRow
    heard: Heard | None  # None where the reports are gone
    places: Mapping[Lane, str] = field(default_factory=dict)
    is_new: bool = False  # a report of it has not been seen by the worker


@dataclass(frozen=True, kw_only=True)
class Filter:
    """`since_us` and `until_us` bound the time of the call; `search` is what somebody typed."""

    since_us: int = 0
    until_us: int = 2**62
    outcome: str = ""  # one of OUTCOMES
    search: str = ""


@dataclass(frozen=True, kw_only=True)
class CallPage:
    """`next` is the place at which the next page begins, None on the last."""

    calls: tuple[CallShown, ...]
    next: tuple[int, int] | None
    first_us: int | None  # the oldest call there is


class TooShort(Exception):
    """A search of so few letters or digits would find everybody."""


def calls_page(
    db: Database, chosen: Filter, *, before: tuple[int, int] | None = None, source: str = "", limit: int = PAGE
) -> CallPage:
    """The newest first. Raises TooShort, StoreError."""
    place = before or (2**62, 2**62)
    rows = (searched if chosen.search else listed)(db, chosen, place, source, limit + 1)
    shown, more = rows[:limit], len(rows) > limit
    first = db.read("SELECT at_us FROM calls WHERE source = ? ORDER BY at_us, id LIMIT 1", (source,))
    return CallPage(
        calls=tuple(with_details(db, shown, source)),
        next=(shown[-1].at_us, shown[-1].id) if more else None,
        first_us=first[0]["at_us"] if first else None,
    )


def listed(db: Database, chosen: Filter, place: tuple[int, int], source: str, limit: int) -> list[CallRow]:
    outcome = OUTCOMES.get(chosen.outcome, "1 = 1")
    sql = (
        f"SELECT {COLUMNS} FROM calls WHERE source = ? AND (at_us, id) < (?, ?) AND at_us >= ? AND at_us < ? "
        f"AND {outcome} ORDER BY at_us DESC, id DESC LIMIT ?"
    )
    return rows_of(db.read(sql, (source, *place, chosen.since_us, chosen.until_us, limit)))


def searched(db: Database, chosen: Filter, place: tuple[int, int], source: str, limit: int) -> list[CallRow]:
    """Among those that an index leads to; of very many the newest."""
    numbers = matches(db, chosen.search, source)
    rows: list[CallRow] = []
    for batch in (numbers[start : start + 500] for start in range(0, len(numbers), 500)):
        sql = f"SELECT {COLUMNS} FROM calls WHERE id IN ({marks(batch)}) AND source = ?"
        rows += rows_of(db.read(sql, (*batch, source)))
    kept = [row for row in rows if (row.at_us, row.id) < place and is_chosen(row, chosen)]
    return sorted(kept, key=lambda row: (row.at_us, row.id), reverse=True)[:limit]


def is_chosen(row: CallRow, chosen: Filter) -> bool:
    column = OUTCOMES.get(chosen.outcome, "").partition(" ")[0]
    return chosen.since_us <= row.at_us < chosen.until_us and (not column or bool(getattr(row, column)))


def matches(db: Database, search: str, source: str) -> list[int]:
    """The numbers of calls by a name, the end of a phone number, or an id. Raises TooShort."""
    text = search.strip()
    exact = db.read("SELECT id FROM calls WHERE source = ? AND call_id = ?", (source, text))
    if exact:
        return [row["id"] for row in exact]
    digits = re.sub(r"\D", "", text)
    if digits and not re.search(r"[^\W\d_]", text):
        if len(digits) < LEAST_DIGITS:
            raise TooShort
        return by_phone(db, digits, source)
    words = re.findall(r"\w+", folded(text))
    if not words or max(map(len, words)) < LEAST_LETTERS:
        raise TooShort
    return by_name(db, words, source)


def by_phone(db: Database, digits: str, source: str) -> list[int]:
    back = digits[::-1]
    sql = (
        "SELECT id FROM calls WHERE phone_back >= ? AND phone_back < ? AND source || '' = ? "
        "ORDER BY phone_back, id LIMIT ?"
    )
    return [row["id"] for row in db.read(sql, (back, back + ":", source, MATCHES))]  # a colon sorts behind the digits


def by_name(db: Database, words: Sequence[str], source: str) -> list[int]:
    """Each word is the beginning of one of the name's. The longest leads, as it finds the fewest."""
    first, *others = sorted(words, key=len, reverse=True)
    also = " AND EXISTS (SELECT 1 FROM call_words AS o WHERE o.call = w.call AND o.word >= ? AND o.word < ?)"
    bounds = [bound for word in others for bound in (word, word + AFTER)]
    of_source = " AND EXISTS (SELECT 1 FROM calls AS c WHERE c.id = w.call AND c.source = ?)"
    few = f"SELECT w.call FROM call_words AS w WHERE w.word >= ? AND w.word < ?{also * len(others)}{of_source} LIMIT ?"
    rows = db.read(few, (first, first + AFTER, *bounds, source, MATCHES + 1))
    if len(rows) <= MATCHES:
        return [row["call"] for row in rows]
    # So many that the newest are soon found by walking back from the last call.
    sql = (
        "SELECT c.id AS call FROM calls AS c WHERE c.source || '' = ? AND EXISTS "
        f"(SELECT 1 FROM call_words AS w WHERE w.call = c.id AND w.word >= ? AND w.word < ?{also * len(others)}) "
        "ORDER BY c.id DESC LIMIT ?"
    )
    return [row["call"] for row in db.read(sql, (source, first, first + AFTER, *bounds, MATCHES))]


def rows_of(rows: Sequence[Row]) -> list[CallRow]:
    return [CallRow(**dict(row)) for row in rows]


def with_details(db: Database, rows: Sequence[CallRow], source: str) -> list[CallShown]:
    heard = heard_of(db, [row.call_id for row in rows], source)
    places = places_of(db, [row.call_id for row in rows], source=source)
    new = undispatched(db, [row.call_id for row in rows], source=source)
    return [
        CallShown(row=row, heard=heard.get(row.call_id), places=places[row.call_id], is_new=row.call_id in new)
        for row in rows
    ]


def heard_of(db: Database, call_ids: Sequence[str], source: str) -> dict[str, Heard]:
    return {call_id: hear(reports) for call_id, reports in reports_of(db, call_ids, source).items()}


def reports_of(db: Database, call_ids: Sequence[str], source: str) -> dict[str, list[Delivery]]:
    sql = (
        "SELECT id, source, key, event, organization_id, call_id, caller_phone, received_us, body, received_body, "
        f"headers, problems FROM deliveries WHERE call_id IN ({marks(call_ids)}) AND source = ? "
        "AND erased_us IS NULL AND length(body) > 0 ORDER BY id LIMIT 2000"
    )
    found: dict[str, list[Delivery]] = defaultdict(list)
    for row in db.read(sql, (*call_ids, source)) if call_ids else ():
        delivery = inbox.from_row({**dict(row), "body": bytes(row["body"])})
        if named_call(data_of(delivery.body)):
            found[row["call_id"]].append(delivery)
    return found


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One of the events of a call."""

    event: str
    received_us: int
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class OneCall:
    """`deliveries` have everything that was sent and became of it, the oldest first."""

    row: CallRow
    heard: Heard | None
    happened: tuple[Happening, ...]
    deliveries: tuple[ShownDelivery, ...]


def one_call(db: Database, call_id: str, *, source: str = "") -> OneCall:
    """Raises NotFound, StoreError."""
    rows = rows_of(db.read(f"SELECT {COLUMNS} FROM calls WHERE source = ? AND call_id = ?", (source, call_id)))
    if not rows:
        raise NotFound(f"There is no call {call_id}.")
    reports = reports_of(db, [call_id], source).get(call_id, [])
    sql = "SELECT id FROM deliveries WHERE call_id = ? AND source = ? ORDER BY received_us, id LIMIT ?"
    numbers = [row["id"] for row in db.read(sql, (call_id, source, DELIVERIES_SHOWN))]
    happened = [Happening(event=each.event, received_us=each.received_us, data=data_of(each.body)) for each in reports]
    return OneCall(
        row=rows[0],
        heard=hear(reports) if reports else None,
        happened=tuple(sorted(happened, key=lambda each: each.received_us)),
        deliveries=tuple(show(db, number) for number in numbers),
    )
