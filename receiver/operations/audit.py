"""The record of what people did by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..registry import Lane
from ..store import Database, Transaction
from .selection import Selection, marks


def note(tx: Transaction, now_us: int, action: str, detail: Mapping[str, Any], *, source: str = "") -> None:
    """Write down what a person did, in the transaction that does it."""
    sql = "INSERT INTO audit (source, at_us, action, detail) VALUES (?, ?, ?, ?)"
    tx.execute(sql, (source, now_us, action, json.dumps(detail)))


def by_source(runs: Mapping[tuple[Lane, str], int]) -> Counter[str]:
    """How many runs of each source there are among those counted by lane, and by whatever else."""
    sources: Counter[str] = Counter()
    for (lane, _), number in runs.items():
        sources[lane.source] += number
    return sources


def note_runs(
    db: Database, action: str, selection: Selection, runs: Mapping[str, int], detail: Mapping[str, Any]
) -> None:
    """Write down how many runs of each source were opened or ended, and by which criteria. Raises StoreError."""
    now_us = db.now_us()
    sql = f"SELECT source, key FROM deliveries WHERE id IN ({marks(selection.ids)}) ORDER BY id"
    rows = db.read(sql, selection.ids) if selection.ids else ()
    notes = {
        source: {
            "keys": [row["key"] for row in rows if row["source"] == source],
            **selection.criteria(), **detail, "runs": number,
        }
        for source, number in sorted(runs.items())
    }  # fmt: skip

    def write(tx: Transaction) -> None:
        for source, what in notes.items():
            note(tx, now_us, action, what, source=source)

    db.commit(write)
