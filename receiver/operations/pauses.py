"""Pauses: the runs of a lane wait until somebody resumes it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import NotFound
from ..inbox import OPEN
from ..locales import Text, Texts
from ..registry import Activation, Lane
from ..store import Database, Transaction
from .audit import NOBODY, Actor, note
from .documents import columns_to_json
from .routes import activations_on

# fmt: off
TEXTS = Texts({
    "unknown": ("There is no business {source}, or it is disabled",
                "No hay ningún negocio {source}, o está desactivado"),
    "source":  ("{handler} has no target {target}, which is a business: --source {target}",
                "{handler} no tiene ningún destino {target}, que es un negocio: --source {target}"),
    "none":    ("{handler} has no target {target}. {there}", "{handler} no tiene ningún destino {target}. {there}"),
    "targets": ("There are: {targets}.", "Hay: {targets}."),
    "one":     ("It has one only, without a name.", "Solo tiene uno, sin nombre."),
})
# fmt: on


@dataclass(frozen=True, kw_only=True)
class Paused:
    """A pause, with its reason and when it was made."""

    source: str
    handler: str
    target: str
    reason: str
    since_us: int
    settings_mark: str = ""  # under which the destination refused; "" of a pause by hand

    @property
    def lane(self) -> Lane:
        return Lane(self.source, self.handler, self.target)

    def to_json(self) -> dict[str, Any]:
        document = columns_to_json(asdict(self))
        del document["settings_mark"]
        return document


LAST_IN_LINE_US = 5_000_000  # for others to be tried before the run that met the refusal, as it may be its alone

STAND_BACK = f"""
UPDATE runs SET next_attempt_us = ?
WHERE source = ? AND handler = ? AND target = ? AND {OPEN} AND state = 'retrying' AND next_attempt_us < ?
  AND EXISTS (SELECT 1 FROM attempts AS a
              WHERE a.run_id = runs.id AND a.number = runs.attempts AND a.result = 'pause')
  AND EXISTS (SELECT 1 FROM runs AS o
              WHERE o.source = runs.source AND o.handler = runs.handler AND o.target = runs.target
                AND o.{OPEN} AND o.id <> runs.id)
"""


def paused(db: Database) -> list[Paused]:
    """All pauses there are, oldest first. Raises StoreError."""
    rows = db.read(
        "SELECT source, handler, target, reason, since_us, settings_mark FROM pauses ORDER BY since_us, source, handler"
    )
    return [Paused(**dict(row)) for row in rows]


def pause(
    db: Database,
    activations: Sequence[Activation],
    handler: str,
    target: str | None = None,
    *,
    reason: str,
    source: str | None = None,
) -> int:
    """Let the handler's runs wait (at one target only where it is given); how many lanes were not paused before.

    `source` None means each source in which the handler is on. Raises UnknownHandler, HandlerNotOn, StoreError, and
    NotFound for a business that there is not, or a target that none has and at which nothing waits.
    """
    if source and source not in {activation.source for activation in activations}:
        raise NotFound(TEXTS("unknown", source=source))
    if target:
        ours = [each for each in activations if each.handler.name == handler and source in (None, each.source)]
        names = sorted({activation.source for activation in ours}) or [source or ""]
        known = {lane for activation in ours for lane in activation.lanes()}
        lanes = [lane for name in names if has(db, lane := Lane(name, handler, target), known)]
        if not lanes:
            raise NotFound(no_target(target, handler, {lane.target for lane in known} - {""}, activations))
    else:
        lanes = [lane for activation in activations_on(db, activations, handler, source) for lane in activation.lanes()]
    return pause_lanes(db, lanes, reason)


def has(db: Database, lane: Lane, known: Collection[Lane]) -> bool:
    """Also where it is no longer set: its runs may wait still."""
    waiting = f"SELECT 1 FROM runs WHERE source = ? AND handler = ? AND target = ? AND {OPEN} LIMIT 1"
    return lane in known or bool(db.read(waiting, lane))


def no_target(target: str, handler: str, targets: Collection[str], activations: Sequence[Activation]) -> Text:
    if target in {activation.source for activation in activations}:
        return TEXTS("source", target=target, handler=handler)
    there = TEXTS("targets", targets=", ".join(sorted(targets)[:20])) if targets else TEXTS("one")
    return TEXTS("none", target=target, handler=handler, there=there)


def pause_lanes(db: Database, lanes: Sequence[Lane], reason: str, *, by: Actor = NOBODY) -> int:
    """How many were not paused before. Raises StoreError."""
    now_us = db.now_us()
    sql = "INSERT INTO pauses (source, handler, target, reason, since_us) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"

    def write(tx: Transaction) -> int:
        made = [lane for lane in lanes if tx.execute(sql, (*lane, reason, now_us)).rowcount]
        note_lanes(tx, now_us, "pause", made, by=by, reason=reason)
        return len(made)

    return db.commit(write)


def resume(db: Database, handler: str, target: str | None = None, *, source: str | None = None) -> list[Lane]:
    """End the handler's pauses, at one target or in one source only where that is given; which lanes go on.

    The runs that met the refusal stand back for some seconds, where others wait: if only they are refused, nobody
    waits for them again.
    Raises StoreError.
    """
    rows = db.read("SELECT source, target FROM pauses WHERE handler = ? ORDER BY since_us, source", (handler,))
    lanes = [
        Lane(row["source"], handler, row["target"])
        for row in rows
        if target in (None, row["target"]) and source in (None, row["source"])
    ]
    now_us = db.now_us()
    if lanes:
        db.commit(lambda tx: resume_lanes(tx, now_us, lanes))
        db.nudge()
    return lanes


def resume_lanes(tx: Transaction, now_us: int, lanes: Sequence[Lane], *, by: Actor = NOBODY) -> None:
    tx.executemany("DELETE FROM pauses WHERE source = ? AND handler = ? AND target = ?", lanes)
    later_us = now_us + LAST_IN_LINE_US
    tx.executemany(STAND_BACK, [(later_us, *lane, later_us) for lane in lanes])
    note_lanes(tx, now_us, "resume", lanes, by=by)


def note_lanes(
    tx: Transaction, now_us: int, action: str, lanes: Sequence[Lane], *, by: Actor = NOBODY, **detail: str
) -> None:
    """One note for each source and handler."""
    for source, handler in dict.fromkeys((lane.source, lane.handler) for lane in lanes):
        targets = [lane.target for lane in lanes if lane[:2] == (source, handler)]
        note(tx, now_us, action, {"handler": handler, "targets": targets, **detail}, source=source, by=by)
