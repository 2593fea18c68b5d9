"""Whom to call back: the calls that came to nothing, a row for each number, and what somebody did about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ..errors import NotFound, OperationError
from ..store import Database, Transaction
from .audit import Actor, note
from .call_lists import COLUMNS, CallRow, rows_of
from .selection import marks

WAYS = ("reached", "message", "no_answer", "not_needed")
DONE = ("reached", "not_needed")  # the others have tried
LISTED_DAYS = 14  # who has waited longer than that is not called any more
ENDED_US = 120_000_000  # ago: until then a booking may follow
MOST = 1000  # calls that are looked at; of more it is enough to know that
NOTE_CHARS = 500
WITHIN_DAYS = 30
DAY_US = 86_400_000_000


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What somebody did about a call; `what` is one of WAYS, or a note that came second."""

    id: int
    call_id: str
    at_us: int
    what: str
    note: str
    who: str


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Somebody who waits, or has waited, for a call: all the calls of a number. `calls` are the newest first."""

    calls: tuple[CallRow, ...]
    marks: tuple[Mark, ...]  # the newest first
    again: CallRow | None  # a later call of theirs that was booked or transferred
    is_new: bool  # the number has not called before these

    @property
    def call(self) -> CallRow:
        return self.calls[0]

    @property
    def since_us(self) -> int:
        """When they first called and were not helped."""
        return self.calls[-1].ended_us

    @property
    def urgency(self) -> int:
        return max(call.urgency for call in self.calls)

    @property
    def seen(self) -> int:
        """The newest mark, by which two who mark it at once are told apart."""
        return self.marks[0].id if self.marks else 0

    @property
    def state(self) -> str:
        if self.again:
            return "done"
        last = next((mark for mark in self.marks if mark.what in WAYS), None)
        if last is None or last.at_us < self.calls[0].at_us:  # they have called once more since
            return "to_call"
        return "done" if last.what in DONE else "tried"


@dataclass(frozen=True, kw_only=True)
class Board:
    """Who is to be called, who was tried, leads without a booking, and who is done with; urgent first, then oldest."""

    to_call: tuple[Waiting, ...]
    tried: tuple[Waiting, ...]
    leads: tuple[Waiting, ...]
    done: tuple[Waiting, ...]
    more: bool  # than are looked at
    just_ended: int = 0  # calls of which it is not known yet whether anybody has to be called


def board(db: Database, *, source: str = "") -> Board:
    """Raises StoreError."""
    now_us = db.now_us()
    wanting, more = candidates(db, "wants = 1", now_us, source)
    leads, more_leads = candidates(db, "lead = 1 AND booked = 0", now_us, source)
    over = ended(wanting, now_us)
    rows = waiting(db, over, source)
    of_leads = [each for each in waiting(db, ended(leads, now_us), source) if each.state != "done"]
    by_state = {state: [each for each in rows if each.state == state] for state in ("to_call", "tried", "done")}
    return Board(
        to_call=tuple(sorted(by_state["to_call"], key=first_called)),
        tried=tuple(sorted(by_state["tried"], key=first_called)),
        leads=tuple(sorted(of_leads, key=first_called)),
        done=tuple(sorted(by_state["done"], key=lambda each: done_us(each), reverse=True)),
        more=more or more_leads,
        just_ended=len(wanting) - len(over),
    )


def first_called(each: Waiting) -> tuple[bool, int]:
    return each.urgency < 2, each.since_us


def done_us(each: Waiting) -> int:
    return each.again.at_us if each.again else each.marks[0].at_us


def candidates(db: Database, condition: str, now_us: int, source: str) -> tuple[list[CallRow], bool]:
    sql = (
        f"SELECT {COLUMNS} FROM calls WHERE source = ? AND at_us >= ? AND {condition} "
        "ORDER BY at_us DESC, id DESC LIMIT ?"
    )
    rows = rows_of(db.read(sql, (source, now_us - LISTED_DAYS * DAY_US, MOST + 1)))
    return rows[:MOST], len(rows) > MOST


def ended(calls: Sequence[CallRow], now_us: int) -> list[CallRow]:
    """Those of which it is known by now what came of them."""
    return [call for call in calls if call.ended_us <= now_us - ENDED_US]


def waiting(db: Database, rows: Sequence[CallRow], source: str) -> list[Waiting]:
    """By number; a call whose number was withheld stands alone."""
    groups: dict[str, list[CallRow]] = defaultdict(list)
    for row in rows:
        groups[row.phone_back or f"call {row.call_id}"].append(row)
    made = marks_of(db, [row.call_id for row in rows], source)
    others = others_of(db, [number for number in groups if not number.startswith("call ")], source)
    return [
        Waiting(
            calls=tuple(calls),
            marks=tuple(sorted((m for c in calls for m in made.get(c.call_id, ())), key=lambda m: m.id, reverse=True)),
            again=helped_later(calls, others.get(number, ())),
            is_new=not any(other.at_us < calls[-1].at_us for other in others.get(number, ())),
        )
        for number, calls in groups.items()
    ]


def marks_of(db: Database, call_ids: Sequence[str], source: str) -> Mapping[str, list[Mark]]:
    """What was done about these calls and not taken back."""
    found: dict[str, list[Mark]] = defaultdict(list)
    for batch in batches(call_ids):
        sql = (
            "SELECT id, call_id, at_us, what, note, who FROM callbacks "
            f"WHERE source = ? AND call_id IN ({marks(batch)}) ORDER BY id"
        )
        for row in db.read(sql, (source, *batch)):
            if row["what"] == "undo":
                found[row["call_id"]] = [mark for mark in found[row["call_id"]] if str(mark.id) != row["note"]]
            else:
                found[row["call_id"]].append(Mark(**dict(row)))
    return found


def others_of(db: Database, numbers: Sequence[str], source: str) -> Mapping[str, list[CallRow]]:
    """All calls of these numbers."""
    found: dict[str, list[CallRow]] = defaultdict(list)
    for batch in batches(numbers):
        sql = f"SELECT {COLUMNS} FROM calls WHERE phone_back IN ({marks(batch)}) AND source = ? LIMIT 5000"
        for row in rows_of(db.read(sql, (*batch, source))):
            found[row.phone_back].append(row)
    return found


def helped_later(calls: Sequence[CallRow], others: Sequence[CallRow]) -> CallRow | None:
    later = [other for other in others if other.at_us > calls[0].at_us and (other.booked or other.transferred)]
    return max(later, key=lambda row: row.at_us, default=None)


def batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + 500] for start in range(0, len(values), 500))


@dataclass(frozen=True, kw_only=True)
class Marked:
    """`mark` is what was written. `taken` is what somebody else wrote first: then only the note was added."""

    mark: int
    taken: Mark | None = None


def mark(db: Database, call_id: str, what: str, text: str, by: Actor, *, seen: int, source: str = "") -> Marked:
    """Write down what came of calling back. Raises NotFound, OperationError, StoreError.

    `seen` is the newest mark that whoever writes this has seen: of two who do it at once the second adds a note.
    """
    if what not in WAYS:
        raise OperationError(f"There is no {what}.")
    if not db.read("SELECT 1 FROM calls WHERE source = ? AND call_id = ?", (source, call_id)):
        raise NotFound(f"There is no call {call_id}.")
    now_us = db.now_us()

    def write(tx: Transaction) -> Marked:
        sql = "SELECT id, call_id, at_us, what, note, who FROM callbacks WHERE source = ? AND call_id = ? ORDER BY id"
        tx.execute("UPDATE calls SET wants = wants WHERE source = ? AND call_id = ?", (source, call_id))  # one by one
        rows = [dict(row) for row in tx.execute(sql, (source, call_id)).fetchall()]
        undone = {row["note"] for row in rows if row["what"] == "undo"}
        others = [row for row in rows if row["id"] > seen and row["what"] in WAYS and str(row["id"]) not in undone]
        taken = Mark(**others[-1]) if others else None
        if taken and taken.who == by.who and (taken.what, taken.note) == (what, text[:NOTE_CHARS]):
            return Marked(mark=taken.id)  # the same button, pressed twice
        insert = (
            "INSERT INTO callbacks (source, call_id, at_us, what, note, who) VALUES (?, ?, ?, ?, ?, ?) RETURNING id"
        )
        written = "note" if taken else what
        values = (source, call_id, now_us, written, text[:NOTE_CHARS], by.who)
        number = int(tx.execute(insert, values).fetchone()["id"])
        note(tx, now_us, "call-back", {"call": call_id, "state": written}, source=source, by=by)
        return Marked(mark=number, taken=taken)

    return db.commit(write)


def undo(db: Database, call_id: str, number: int, by: Actor, *, source: str = "") -> bool:
    """Take a mark back; whether it stood. Raises StoreError."""
    now_us = db.now_us()

    def write(tx: Transaction) -> bool:
        sql = "SELECT 1 FROM callbacks WHERE id = ? AND source = ? AND call_id = ? AND what <> 'undo'"
        undone = "SELECT 1 FROM callbacks WHERE source = ? AND call_id = ? AND what = 'undo' AND note = ?"
        if not tx.execute(sql, (number, source, call_id)).fetchone():
            return False
        if tx.execute(undone, (source, call_id, str(number))).fetchone():
            return False
        insert = "INSERT INTO callbacks (source, call_id, at_us, what, note, who) VALUES (?, ?, ?, 'undo', ?, ?)"
        tx.execute(insert, (source, call_id, now_us, str(number), by.who))
        note(tx, now_us, "call-back", {"call": call_id, "state": "undo"}, source=source, by=by)
        return True

    return db.commit(write)


def usual_wait_s(db: Database, *, source: str = "") -> float | None:
    """How long it usually takes until somebody calls back, of the last thirty days; None where nobody did."""
    since_us = db.now_us() - WITHIN_DAYS * DAY_US
    sql = (
        "SELECT min(b.at_us) - c.ended_us AS wait_us FROM callbacks AS b "
        "JOIN calls AS c ON c.source = b.source AND c.call_id = b.call_id "
        "WHERE b.source = ? AND b.at_us >= ? AND b.what IN ('reached', 'message', 'no_answer') "
        "GROUP BY c.id, c.ended_us LIMIT 1000"
    )
    waits = [row["wait_us"] / 1e6 for row in db.read(sql, (source, since_us)) if row["wait_us"] > 0]
    return median(waits) if waits else None
