"""What a worker says is wrong with it, where all can read it: in the database, as web and worker share nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from ..store import NOTE, Database, FromNow, Transaction

PROCESSES, REDIS = "trouble: processes", "trouble: Redis"  # facts
NOTED_EVERY_S = 30.0  # while it lasts
BELIEVED_US = 90_000_000  # after it was noted: a worker that was killed says nothing more
CHARS = 500

SHOWN = "SELECT name, value FROM facts WHERE name IN (?, ?) AND noted_us BETWEEN ? AND ?"
END = "UPDATE facts SET noted_us = 0 WHERE name = ? AND substr(value, 1, ?) = ?"


class Trouble:
    """One worker's word about one thing."""

    def __init__(self, db: Database, fact: str, worker_id: str) -> None:
        self.db = db
        self.fact = fact
        self.mark = f"{worker_id} "
        self.sentence = ""
        self.noted_at = 0.0

    def note(self, sentence: str) -> None:
        """How it stands now: "" when all is well. Written when that changes, and while it lasts. Raises StoreError."""
        lasts = sentence and time.monotonic() - self.noted_at > NOTED_EVERY_S
        if sentence == self.sentence and not lasts:
            return
        self.db.commit(lambda tx: self.write(tx, sentence[:CHARS]))
        self.sentence, self.noted_at = sentence, time.monotonic()

    def write(self, tx: Transaction, sentence: str) -> None:
        if sentence:
            tx.execute(NOTE, (self.fact, self.mark + sentence, FromNow()))
        else:  # not what another worker has said since
            tx.execute(END, (self.fact, len(self.mark), self.mark))


def end_troubles(db: Database, is_gone: Callable[[str], bool]) -> None:
    """What workers said that are gone is no longer believed. Raises StoreError."""
    for fact, worker_id, _ in said_now(db):
        if is_gone(worker_id):
            db.commit(partial(Trouble(db, fact, worker_id).write, sentence=""))


def troubles(db: Database) -> dict[str, str]:
    """What workers say now, by PROCESSES and REDIS. Raises StoreError."""
    return {fact: sentence for fact, _, sentence in said_now(db)}


def said_now(db: Database) -> list[tuple[str, str, str]]:
    """The fact, the worker that said it, and what it said."""
    rows = db.read(SHOWN, (PROCESSES, REDIS, FromNow(-BELIEVED_US), FromNow(BELIEVED_US)))
    return [(row["name"], *row["value"].split(" ", 1)) for row in rows]
