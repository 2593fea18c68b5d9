"""Targets that are left alone for a while, as they are down or asked for it; they go on by themselves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..inbox import CHANGED, Hold, handlers_on, holds, waiting_for
from ..locales import Text, Texts, stamp
from ..registry import Lane, is_on
from ..store import Database
from .documents import columns_to_json

# fmt: off
TEXTS = Texts({
    "held":  ("has failed {times} since {since}{asked}; {again}", "falló {times} desde {since}{asked}; {again}"),
    "changed": ("was on hold, and its variables have changed: one run tries it",
                "estaba en pausa, y sus variables han cambiado: un envío lo prueba"),
    "once":  ("once", "una vez"),
    "times": ("{n:time|times}", "{n:vez|veces}"),
    "asked": (" and asked to be left alone", " y pidió que se le deje en paz"),
    "now":   ("tried again just now", "se reintenta ahora"),
    "at":    ("tried again at {at}", "se reintenta a las {at}"),
})
# fmt: on


@dataclass(frozen=True, kw_only=True)
class Held:
    """A lane that is held while runs wait for it. What `probing` says is true of this stamp only."""

    source: str
    handler: str
    target: str
    kind: str  # down, asked or changed
    failures: int  # in a row
    since_us: int
    next_us: int  # when it is tried again
    reason: str
    waiting: int
    probing: bool

    @property
    def lane(self) -> Lane:
        return Lane(self.source, self.handler, self.target)

    @property
    def sentence(self) -> Text:
        """Without what was answered: anybody may read it."""
        if self.kind == CHANGED:
            return TEXTS("changed")
        return TEXTS(
            "held",
            times=TEXTS("once") if self.failures == 1 else TEXTS("times", n=self.failures),
            since=stamp(self.since_us),
            asked=TEXTS("asked") if self.kind == "asked" else "",
            again=TEXTS("now") if self.probing else TEXTS("at", at=stamp(self.next_us)),
        )

    def to_json(self) -> dict[str, Any]:
        return columns_to_json(asdict(self))


def held(db: Database) -> list[Held]:
    """Those for which runs wait, in order. Raises StoreError."""
    return [shown for hold in sorted(holds(db).values(), key=lambda hold: hold.lane) if (shown := shown_hold(db, hold))]


def shown_hold(db: Database, hold: Hold) -> Held | None:
    waiting, next_us = waiting_for(db, hold)
    if not waiting:
        return None
    return Held(
        source=hold.lane.source,
        handler=hold.lane.handler,
        target=hold.lane.target,
        kind=hold.kind,
        failures=hold.failures,
        since_us=hold.since_us,
        next_us=next_us,
        reason=hold.reason,
        waiting=waiting,
        probing=hold.probing,
    )


def held_now(db: Database) -> list[Held]:
    """The targets that are held and that the worker which leads tries again. Raises StoreError."""
    on = handlers_on(db)
    return [each for each in held(db) if is_on(on, each.lane)]
