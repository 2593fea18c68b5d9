"""What people did, page after page, the newest first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..store import Database, Row

PAGE = 50
MOST = 10_000  # rows of a file
COLUMNS = "id, source, at_us, action, detail, who, address, session"


@dataclass(frozen=True, kw_only=True)
class Deed:
    """`who` is the name that somebody gave themselves; "" is the command line."""

    id: int
    source: str
    at_us: int
    action: str
    detail: dict[str, Any]
    who: str
    address: str
    session: int | None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which deeds; what is empty narrows nothing."""

    source: str = ""
    who: str = ""
    action: str = ""
    since_us: int = 0
    until_us: int = 2**63 - 1

    def condition(self) -> tuple[str, tuple[Any, ...]]:
        parts = [("source = ?", self.source), ("at_us >= ?", self.since_us), ("at_us < ?", self.until_us)]
        parts += [(f"{name} = ?", value) for name, value in (("who", self.who), ("action", self.action)) if value]
        return " AND ".join(part for part, _ in parts), tuple(value for _, value in parts)


def history(db: Database, wanted: Wanted, *, before: int = 2**63 - 1, limit: int = PAGE) -> tuple[list[Deed], int]:
    """A page of them, and the number to give as `before` for the next; 0 on the last. Raises StoreError."""
    condition, values = wanted.condition()
    sql = f"SELECT {COLUMNS} FROM audit WHERE id < ? AND {condition} ORDER BY id DESC LIMIT ?"
    rows = db.read(sql, (before, *values, limit + 1))
    return [deed(row) for row in rows[:limit]], rows[limit - 1]["id"] if len(rows) > limit else 0


def whole_history(db: Database, wanted: Wanted) -> Iterator[Deed]:
    """All of them, up to 10,000. Raises StoreError."""
    before, left = 2**63 - 1, MOST
    while before and left > 0:
        deeds, before = history(db, wanted, before=before, limit=min(500, left))
        left -= len(deeds)
        yield from deeds


def doers(db: Database, source: str = "") -> tuple[list[str], list[str]]:
    """The names and the actions of the newest thousand, for a form to choose from. Raises StoreError."""
    sql = "SELECT who, action FROM audit WHERE source = ? ORDER BY id DESC LIMIT 1000"
    rows = db.read(sql, (source,))
    return sorted({row["who"] for row in rows} - {""}), sorted({row["action"] for row in rows})


def deed(row: Row) -> Deed:
    columns: dict[str, Any] = dict(row)
    return Deed(**columns | {"detail": json.loads(columns["detail"])})
