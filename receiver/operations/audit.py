"""The record of what people did by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..store import Database, Transaction
from .selection import Selection, marks


def note(tx: Transaction, now_us: int, action: str, detail: Mapping[str, Any], *, source: str = "") -> None:
    """Write down what a person did, in the transaction that does it."""
    sql = "INSERT INTO audit (source, at_us, action, detail) VALUES (?, ?, ?, ?)"
    tx.execute(sql, (source, now_us, action, json.dumps(detail)))


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
