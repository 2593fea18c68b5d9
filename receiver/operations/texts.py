"""Texts beside the deliveries that may name a person: notes, reasons of pauses and holds, rejected requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Set
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..inbox import let_go, penned
from ..store import Database, Row, Transaction
from .pen import texts_of
from .subject import Marks

# What a note in the record of what people did keeps: no words of theirs, and no call's id.
KEPT = (
    "again",
    "by",
    "deliveries",
    "event",
    "handler",
    "job",
    "keys",
    "places",
    "runs",
    "since_us",
    "state",
    "targets",
)
SQL = (
    ("audit", "SELECT id, detail AS text FROM audit"),
    ("pauses", "SELECT source, handler, target, reason AS text FROM pauses"),
    ("throttles", "SELECT source, handler, target, reason AS text FROM throttles"),
    ("jobs", "SELECT id, selection AS text FROM jobs"),
    ("jobs", "SELECT id, reason AS text FROM jobs"),
    ("rejection_samples", "SELECT id, headers AS text FROM rejection_samples"),
    # Of the person who is being looked for or erased just now it is still needed.
    ("erasures", "SELECT id, subject || receipt AS text FROM erasures WHERE state NOT IN ('looking', 'erasing')"),
)


@dataclass(frozen=True)
class Text:
    table: str
    row: Row


def texts_with(db: Database, marks: Marks, keys: Set[str]) -> list[Text]:
    """Those in which a person is named, and notes with words of people's on deliveries of these keys.

    Raises StoreError.
    """
    texts = [Text(table, row) for table, sql in SQL for row in db.read(sql)]
    texts += [Text("pen", {"id": each.id, "text": "\n".join(texts_of(each))}) for each in penned(db)]
    return [text for text in texts if marks.are_in(readable(text.row["text"])) or is_on(text, keys)]


def is_on(text: Text, keys: Set[str]) -> bool:
    detail = json.loads(text.row["text"]) if text.table == "audit" else {}
    return any(key in keys for key in detail.get("keys", ())) and not detail.keys() <= {*KEPT, "erased"}


def readable(text: str) -> str:
    """JSON with its escapes undone; anything else as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


def redact(db: Database, marks: Marks, keys: Set[str]) -> None:
    """Leave nothing of the person in them. Raises StoreError."""
    if texts := texts_with(db, marks, keys):
        db.commit(lambda tx: [REDACTING[text.table](tx, text.row, marks) for text in texts])


def redact_note(tx: Transaction, row: Row, marks: Marks) -> None:
    detail = json.loads(row["text"])
    kept = {name: detail[name] for name in KEPT if name in detail} | {"erased": True}
    tx.execute("UPDATE audit SET detail = ? WHERE id = ?", (json.dumps(kept), row["id"]))
    tx.execute("UPDATE jobs SET reason = '' WHERE id = ?", (detail.get("job", 0),))


def redact_reason(table: str, tx: Transaction, row: Row, marks: Marks) -> None:
    sql = f"UPDATE {table} SET reason = ? WHERE source = ? AND handler = ? AND target = ?"
    tx.execute(sql, (marks.hidden(row["text"]), row["source"], row["handler"], row["target"]))


def redact_job(tx: Transaction, row: Row, marks: Marks) -> None:
    kept = tx.execute("SELECT selection, reason FROM jobs WHERE id = ?", (row["id"],)).fetchone()
    hidden = (marks.hidden(kept["selection"]), marks.hidden(kept["reason"]))
    tx.execute("UPDATE jobs SET selection = ?, reason = ? WHERE id = ?", (*hidden, row["id"]))


def delete_sample(tx: Transaction, row: Row, marks: Marks) -> None:
    tx.execute("DELETE FROM rejection_samples WHERE id = ?", (row["id"],))


def redact_erasure(tx: Transaction, row: Row, marks: Marks) -> None:
    """Whom somebody looked for is forgotten; a receipt of another's stays, and does not name them."""
    tx.execute("DELETE FROM erasures WHERE id = ? AND state = 'ready'", (row["id"],))
    for kept in tx.execute("SELECT receipt FROM erasures WHERE id = ?", (row["id"],)).fetchall():
        receipt = json.loads(kept["receipt"])
        for place in receipt["places"]:
            place |= {name: marks.hidden(place[name]) for name in ("outcome", "stays", "why")}
        values = (json.dumps(receipt, ensure_ascii=False), row["id"])
        tx.execute("UPDATE erasures SET receipt = ? WHERE id = ?", values)


REDACTING: dict[str, Callable[[Transaction, Row, Marks], Any]] = {
    "audit": redact_note,
    "pauses": partial(redact_reason, "pauses"),
    "throttles": partial(redact_reason, "throttles"),
    "jobs": redact_job,
    "rejection_samples": delete_sample,
    "erasures": redact_erasure,
    "pen": lambda tx, row, marks: let_go(tx, [row["id"]]),
}
