"""Whose data is meant: the person that a number, an address or a call belongs to, and where they are found."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import NothingSelected, OperationError
from ..events import parse_object
from ..locales import Texts
from ..store import Database, Row

WINDOW = 200  # deliveries in one read: of the largest size they take 200 MB
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
SEPARATORS = r"[\s()./-]{0,3}"  # between the digits of a number that somebody wrote
ALIKE_DIGITS = 6  # at the end of a number: where these differ it is another's
NAME_CHARS = 3  # a shorter name would be found in half of all words

# fmt: off
TEXTS = Texts({
    "whom":  ("Say whom to erase: --phone +34600000000, --email name@example.com or --call ID.",
              "Di a quién borrar: --phone +34600000000, --email nombre@example.com o --call ID."),
    "phone": ("That is no phone number: write it with its country's prefix, as +34600000000.",
              "Eso no es un número de teléfono: escríbelo con el prefijo del país, como +34600000000."),
    "email": ("That is no e-mail address: write it as name@example.com.",
              "Eso no es una dirección de correo: escríbela como nombre@example.com."),
})
# fmt: on


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A person. `source` None: at every business."""

    phones: tuple[str, ...] = ()  # in E.164
    emails: tuple[str, ...] = ()  # in lower case
    calls: tuple[str, ...] = ()
    source: str | None = None

    def is_caller(self, data: Any, column: str | None = None) -> bool:
        """Whether these are the fields of a call of theirs."""
        fields = data if isinstance(data, dict) else {}
        phones = [text for text in (fields.get("caller_phone"), column) if isinstance(text, str)]
        email = fields.get("caller_email")
        return (
            any(is_same(phone, ours) for phone in phones for ours in self.phones)
            or (isinstance(email, str) and email.strip().lower() in self.emails)
            or fields.get("call_id") in self.calls
        )


def subject(
    *, phones: Sequence[str] = (), emails: Sequence[str] = (), calls: Sequence[str] = (), source: str | None = None
) -> Subject:
    """Whom a person means by what they typed. Raises OperationError where that is no number, or no address."""
    if not (phones or emails or calls):
        raise NothingSelected(TEXTS("whom"))
    return Subject(
        phones=tuple(as_phone(phone) for phone in phones),
        emails=tuple(as_email(email) for email in emails),
        calls=tuple(calls),
        source=source,
    )


def subject_of_call(call_id: str, *, phone: str, email: str, source: str | None = None) -> Subject:
    """Whoever made a call, by all that it tells of them: a hidden number, and what is no address, tell nothing."""
    return Subject(
        phones=readable_by(as_phone, phone), emails=readable_by(as_email, email), calls=(call_id,), source=source
    )


def readable_by(read: Callable[[str], str], text: str) -> tuple[str, ...]:
    try:
        return (read(text),)
    except OperationError:
        return ()


def as_phone(text: str) -> str:
    from ..toolkit import is_withheld, phone_digits  # it loads an HTTP client, and the web process does not need one

    phone = re.sub(r"^00", "+", re.sub(r"[\s().-]", "", text))
    if not E164.fullmatch(phone) or is_withheld(phone) or not phone_digits(phone)[0]:
        raise OperationError(TEXTS("phone"))
    return phone


def as_email(text: str) -> str:
    email = text.strip().lower()
    if not re.fullmatch(r"[^\s@]+@[^\s@]+", email):
        raise OperationError(TEXTS("email"))
    return email


def is_same(text: str, phone: str) -> bool:
    from ..toolkit import same_phone

    digits = re.sub(r"\D", "", text)
    return digits[-ALIKE_DIGITS:] == phone[-ALIKE_DIGITS:] and (digits == phone[1:] or same_phone(text, phone))


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What tells of a person in any text: their number in its spellings, their address, their name, their calls."""

    pattern: re.Pattern[str] | None

    def are_in(self, text: str) -> bool:
        return bool(self.pattern and self.pattern.search(text))

    def hidden(self, text: str) -> str:
        return self.pattern.sub("…", text) if self.pattern else text


def marks_of(who: Subject, bodies: Sequence[bytes] = ()) -> Marks:
    """Of this person, and of whatever these bodies of theirs call them."""
    found = [values(body) for body in bodies]
    phones = {*who.phones, *(phone for each in found for phone in each["caller_phone"] if E164.fullmatch(phone))}
    texts = {*who.emails, *who.calls}
    for each in found:
        texts |= {*each["caller_email"], *each["call_id"], *each["caller_name"]}
    patterns = [spelled(phone) for phone in sorted(phones)]
    patterns += [rf"(?<!\w){re.escape(text)}(?!\w)" for text in sorted(texts) if len(text) >= NAME_CHARS]
    return Marks(pattern=re.compile("|".join(patterns), re.IGNORECASE) if patterns else None)


def values(body: bytes) -> dict[str, list[str]]:
    """The texts in those fields of a body that name who called."""
    data = data_of(body)
    names = ("caller_phone", "caller_email", "caller_name", "call_id")
    return {name: [text.strip()] if isinstance(text := data.get(name), str) else [] for name in names}


def data_of(body: bytes) -> dict[str, Any]:
    data = (parse_object(body) or {}).get("data")
    return data if isinstance(data, dict) else {}


def spelled(phone: str) -> str:
    """A pattern for a number however it is grouped, with its country's prefix or without."""
    from ..toolkit import phone_digits

    own = phone_digits(phone)[0]
    return SEPARATORS.join(own if len(own) >= ALIKE_DIGITS else phone[1:]) + r"(?!\d)"


def readable(body: bytes) -> str:
    """A body as text, its escapes undone."""
    text = body.decode(errors="replace")
    envelope = parse_object(body) if "\\u" in text else None
    return text if envelope is None else json.dumps(envelope, ensure_ascii=False)


@dataclass(frozen=True, kw_only=True)
class Traces:
    """Where a person was found. All are numbers of rows."""

    deliveries: tuple[int, ...]
    conflicts: tuple[int, ...]  # beside deliveries of others
    mentions: tuple[int, ...]  # deliveries of others whose text names their number or address


def trace(db: Database, who: Subject, advance: Callable[[int], object] = lambda more: None) -> Traces:
    """Every delivery is looked at, but where only a call's id is known. Raises StoreError."""
    marks = marks_of(Subject(phones=who.phones, emails=who.emails))
    rows = [row for row in deliveries(db, who, advance) if marks.are_in(readable(row["body"]))] if marks.pattern else []
    direct = [row for row in rows if who.is_caller(data_of(row["body"]), row["caller_phone"])]
    calls = calls_of(direct, who)
    ids = {row["id"] for row in direct} | {row["id"] for source, call in calls for row in of_call(db, source, call)}
    caller = replace(who, calls=tuple(call for _, call in calls))
    others = [row for row in conflicts(db, who) if row["delivery_id"] not in ids]
    return Traces(
        deliveries=tuple(sorted(ids)),
        conflicts=tuple(row["id"] for row in others if caller.is_caller(data_of(row["body"]))),
        mentions=tuple(row["id"] for row in rows if row["id"] not in ids),
    )


def calls_of(direct: Sequence[Row], who: Subject) -> set[tuple[str | None, str]]:
    theirs = {(row["source"], row["call_id"]) for row in direct if row["call_id"]}
    return theirs | {(who.source, call) for call in who.calls}


def of_call(db: Database, source: str | None, call: str) -> Sequence[Row]:
    condition, more = ("AND source = ?", (source,)) if source is not None else ("", ())
    return db.read(f"SELECT id FROM deliveries WHERE call_id = ? {condition}", (call, *more))


def deliveries(db: Database, who: Subject, advance: Callable[[int], object]) -> Iterator[Row]:
    columns = "id, source, call_id, caller_phone, body"
    return walk(db, f"SELECT {columns} FROM deliveries WHERE id > ? AND length(body) > 0", who, advance)


def deliveries_kept(db: Database) -> int:
    """As many as there are at most. Raises StoreError."""
    return int(db.read("SELECT coalesce(max(id), 0) AS n FROM deliveries")[0]["n"])


ENDS_AS = "substr(caller_phone, length(caller_phone) - 1)"  # what is not a number's end is looked at no further


def calls_from(db: Database, text: str, source: str | None = None) -> tuple[int, ...]:
    """Numbers of the deliveries about calls from a number, by its column alone. Raises OperationError, StoreError."""
    phone = as_phone(text)
    who = Subject(phones=(phone,), source=source)
    ends = f"SELECT id, source, caller_phone FROM deliveries WHERE id > ? AND {ENDS_AS} = '{phone[-2:]}'"
    return tuple(row["id"] for row in walk(db, ends, who) if is_same(row["caller_phone"], phone))


def conflicts(db: Database, who: Subject) -> Iterator[Row]:
    sql = (
        "SELECT c.id, c.delivery_id, d.source, c.body FROM conflicts AS c JOIN deliveries AS d ON d.id = c.delivery_id"
    )
    return walk(db, f"{sql} WHERE c.id > ?", who)


def walk(db: Database, sql: str, who: Subject, advance: Callable[[int], object] = lambda more: None) -> Iterator[Row]:
    """All rows of the person's business, in the order of their numbers, so many in one read."""
    last = 0
    while window := db.read(f"{sql} ORDER BY 1 LIMIT ?", (last, WINDOW)):
        yield from (row for row in window if who.source in (None, row["source"]))
        advance(window[-1]["id"] - last)
        last = window[-1]["id"]
