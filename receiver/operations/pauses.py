"""Pauses, and the record of what people did by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..store import Database


def note(db: Database, action: str, detail: Mapping[str, Any]) -> None:
    """Write down what a person did. Raises StoreError."""
    values = (db.now_us(), action, json.dumps(detail))
    db.commit(lambda tx: tx.execute("INSERT INTO audit (at_us, action, detail) VALUES (?, ?, ?)", values))


def pause(db: Database, handler: str, targets: Sequence[str], reason: str) -> int:
    """Let the handler's runs wait at these targets; how many were not paused before. Raises StoreError."""
    sql = "INSERT INTO pauses (handler, target, reason, since_us) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
    now_us = db.now_us()
    return db.commit(lambda tx: sum(tx.execute(sql, (handler, one, reason, now_us)).rowcount for one in targets))


def resume(db: Database, handler: str, target: str | None) -> list[str]:
    """End the handler's pauses (at one target only where it is given); at which targets. Raises StoreError."""
    found = db.read("SELECT target FROM pauses WHERE handler = ?", (handler,))
    ended = [row["target"] for row in found if target in (None, row["target"])]
    sql = "DELETE FROM pauses WHERE handler = ? AND target = ?"
    db.commit(lambda tx: [tx.execute(sql, (handler, one)) for one in ended])
    return ended
