"""What was brought to destinations of a person, as far as the runs know it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from ..inbox import keep_places
from ..registry import Activation, Lane
from ..store import Database, Row, Transaction
from .aging import DAY_US, Aging
from .audit import Actor, note
from .receipts import Place
from .selection import marks as placeholders
from .subject import Marks, Subject


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What a run brought to a destination: its place, and the outcome as the handler gave it, "" for none."""

    run: int
    delivery: int
    outcome: str
    place: Place


BROUGHT = """
SELECT r.id AS run, r.delivery_id, r.source, r.handler, r.target, r.outcome, d.key FROM runs AS r
JOIN deliveries AS d ON d.id = r.delivery_id WHERE {condition} ORDER BY r.id
"""
OF_DELIVERIES = """
r.delivery_id IN ({ids}) AND (r.outcome IS NOT NULL OR EXISTS (
    SELECT 1 FROM attempts AS a WHERE a.run_id = r.id AND coalesce(a.result, '') <> 'skipped'))
"""
LEFT_THERE = "left-there"  # in the history: people have to delete it
OWED_US = 30 * DAY_US
AT_ONCE = 500
OWED_LONG = "d.erased_us < ? AND length(d.body) = 0 AND r.outcome IS NOT NULL"
OWED = "d.erased_us IS NOT NULL AND length(d.body) = 0 AND r.outcome IS NOT NULL"


def brought(db: Database, activations: Sequence[Activation], ids: Sequence[int], hide: Marks) -> Iterator[Brought]:
    """Of what was attempted for these deliveries, oldest first. Raises StoreError."""
    condition = OF_DELIVERIES.format(ids=placeholders(ids))
    for row in db.read(BROUGHT.format(condition=condition), ids):
        yield as_brought(row, activations, hide)


def owed(db: Database, activations: Sequence[Activation], who: Subject, hide: Marks) -> Iterator[Brought]:
    """What earlier erasures could not delete yet, of whomever. Raises StoreError."""
    for row in db.read(BROUGHT.format(condition=OWED)):
        if who.source in (None, row["source"]):
            yield as_brought(row, activations, hide)


def end_owed(db: Database, aging: Aging) -> str:
    """A chore: what is owed for 30 days, as long as a receipt is kept, is left to people, and in the history. Raises
    StoreError.
    """
    if aging.is_believed():
        now_us = db.now_us()
        for row in db.read(f"{BROUGHT.format(condition=OWED_LONG)} LIMIT {AT_ONCE}", (now_us - OWED_US,)):
            db.commit(partial(leave, row=row, now_us=now_us))
    return ""


def leave(tx: Transaction, row: Row, now_us: int) -> None:
    keep_places(tx, {row["run"]: None})
    place = {"handler": row["handler"], "targets": [row["target"]], "keys": [row["key"]], "by_hand": row["outcome"]}
    note(tx, now_us, LEFT_THERE, place, source=row["source"], by=Actor(who="worker"))


def as_brought(row: Row, activations: Sequence[Activation], hide: Marks) -> Brought:
    lane = Lane(row["source"], row["handler"], row["target"])
    activation = activation_of(activations, lane)
    place = Place(
        lane=lane,
        key=row["key"],
        outcome=hide.hidden(row["outcome"] or ""),
        certain=row["outcome"] is not None,
        deletable=bool(activation and activation.forgets(lane.target)),
    )
    return Brought(run=row["run"], delivery=row["delivery_id"], outcome=row["outcome"] or "", place=place)


def activation_of(activations: Sequence[Activation], lane: Lane) -> Activation | None:
    return next((each for each in activations if each.state == "on" and lane in each.lanes()), None)
