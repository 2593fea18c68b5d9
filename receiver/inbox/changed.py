"""A pause ends by itself where the settings have changed under which the destination refused: one run tries it.

Where that is refused too, the lane is paused again, under the settings of now: each is tried once. A pause by hand has
no mark of settings, and stays.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..registry import Lane
from ..store import Database, Transaction
from .holding import CHANGED

PAUSED = "SELECT source, handler, target, reason, settings_mark FROM pauses WHERE settings_mark <> ''"
END = "DELETE FROM pauses WHERE source = ? AND handler = ? AND target = ? AND settings_mark = ?"
HOLD = f"""
INSERT INTO throttles (source, handler, target, hold, not_before_us, failing_since_us, reason)
VALUES (?, ?, ?, '{CHANGED}', ?, ?, ?)
ON CONFLICT (source, handler, target) DO UPDATE SET hold = excluded.hold, not_before_us = excluded.not_before_us,
    failing_since_us = excluded.failing_since_us, reason = excluded.reason, wait_us = 0, probe_run = 0
"""


def try_changed(db: Database, marks: Mapping[Lane, str]) -> list[Lane]:
    """Let one run try each lane that was paused under settings other than these; which lanes. Raises StoreError."""
    now_us = db.now_us()
    rows = [(Lane(row["source"], row["handler"], row["target"]), row) for row in db.read(PAUSED)]
    changed = [(lane, row) for lane, row in rows if marks.get(lane, row["settings_mark"]) != row["settings_mark"]]

    def write(tx: Transaction) -> list[Lane]:
        tried = [(lane, row) for lane, row in changed if tx.execute(END, (*lane, row["settings_mark"])).rowcount]
        tx.executemany(HOLD, [(*lane, now_us, now_us, row["reason"]) for lane, row in tried])
        return [lane for lane, _ in tried]

    return db.commit(write) if changed else []
