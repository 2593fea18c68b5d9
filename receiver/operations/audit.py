"""The record of what people did by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..store import Database, Transaction
from .selection import Selection, marks


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does something: by the name that they gave themselves, from where, in which session of the dashboard."""

    who: str = ""  # "" for the command line
    address: str = ""
    session: int | None = None


NOBODY = Actor()


def note(
    tx: Transaction,
    now_us: int,
    action: str,
    detail: Mapping[str, Any],
    *,
    source: str = "",
    by: Actor = NOBODY,
) -> int:
    """Write down what a person did, in the transaction that does it. Returns the number of the note."""
    if by == NOBODY:  # on tables a version older too
        sql = "INSERT INTO audit (source, at_us, action, detail) VALUES (?, ?, ?, ?) RETURNING id"
        return int(tx.execute(sql, (source, now_us, action, json.dumps(detail))).fetchone()["id"])
    sql = (
        "INSERT INTO audit (source, at_us, action, detail, who, address, session) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "RETURNING id"
    )
    values = (source, now_us, action, json.dumps(detail), by.who, by.address, by.session)
    return int(tx.execute(sql, values).fetchone()["id"])


def notes_on_runs(
    db: Database, selection: Selection, runs: Mapping[str, int], detail: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """What is to be noted of so many runs of each source, and by which criteria they were chosen. Raises StoreError."""
    sql = f"SELECT source, key FROM deliveries WHERE id IN ({marks(selection.ids)}) ORDER BY id"
    rows = db.read(sql, selection.ids) if selection.ids else ()
    return {
        source: {
            "keys": [row["key"] for row in rows if row["source"] == source],
            **selection.criteria(), **detail, "runs": number,
        }
        for source, number in sorted(runs.items())
    }  # fmt: skip
