"""How a call stands at a destination: the one place that decides it, and the one that has a word for it.

    dead      it did not arrive, and is not tried again before somebody asks for that
    on_hold   its destination is paused, until somebody resumes it
    half_set  its destination is off, or set up by half: it waits until somebody sets it up
    retrying  it failed, or its destination does not take anything just now: it is tried again by itself
    waiting   it is on its way
    arrived   it is there
    skipped   it is not sent, as somebody chose

The lists, the page of a call, Problems, Destinations, `receiver deliveries`, `show` and `today` have it from here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..inbox import OPEN
from ..locales import Text, Texts
from ..registry import Lane
from ..store import HANDLERS, Database, Row

DEAD, ON_HOLD, HALF_SET, RETRYING = "dead", "on_hold", "half_set", "retrying"
WAITING, ARRIVED, SKIPPED = "waiting", "arrived", "skipped"
UNARRIVED = (DEAD, ON_HOLD, HALF_SET, RETRYING, WAITING)
STANDINGS = (*UNARRIVED, ARRIVED, SKIPPED)  # the worst first: it is that of the whole
ERASED, KEPT = "erased", "kept"  # nothing but its id is there any more; and: no destination was on that takes it
PAUSES = "SELECT source, handler, target FROM pauses"
HOLDS = "SELECT source, handler, target FROM throttles WHERE hold <> ''"
SET = "SELECT value FROM facts WHERE name = ?"
ENDS = {"dead": DEAD, "succeeded": ARRIVED, "skipped": SKIPPED}

# fmt: off
WORDS = Texts({
    DEAD:     ("did not arrive", "no llegó"),
    ON_HOLD:  ("on hold", "en pausa"),
    HALF_SET: ("waits for its settings", "espera su configuración"),
    RETRYING: ("trying again", "se reintenta"),
    WAITING:  ("on its way", "en camino"),
    ARRIVED:  ("arrived", "llegó"),
    SKIPPED:  ("not sent", "no se envía"),
    ERASED:   ("erased", "borrada"),
    KEPT:     ("kept", "guardada"),
})
# fmt: on

# The same in SQL, of `runs AS r`; OPEN has the words of the partial index.
AT = "source = r.source AND {0}.handler = r.handler AND {0}.target = r.target"
IS_PAUSED = f"(r.state <> 'running' AND EXISTS (SELECT 1 FROM pauses AS p WHERE p.{AT.format('p')}))"
IS_HELD = f"(r.state = 'retrying' OR EXISTS (SELECT 1 FROM throttles AS t WHERE t.{AT.format('t')} AND t.hold <> ''))"
# The fact is JSON as registry.summarize and json.dumps write it: what is not on by it is off, or set up by half.
ON = """'"' || CASE WHEN r.source = '' THEN '' ELSE r.source || '/' END || r.handler || '": "on'"""
IS_HALF_SET = (
    f"(r.state <> 'running' AND EXISTS (SELECT 1 FROM facts AS f WHERE f.name = '{HANDLERS}' "
    f"AND f.value <> '' AND replace(f.value, {ON}, '') = f.value))"
)
STANDS = {
    DEAD: "r.state = 'dead'",
    ON_HOLD: f"r.{OPEN} AND {IS_PAUSED}",
    HALF_SET: f"r.{OPEN} AND NOT {IS_PAUSED} AND {IS_HALF_SET}",
    RETRYING: f"r.{OPEN} AND NOT {IS_PAUSED} AND NOT {IS_HALF_SET} AND {IS_HELD}",
    WAITING: f"r.{OPEN} AND NOT {IS_PAUSED} AND NOT {IS_HALF_SET} AND NOT {IS_HELD}",
    ARRIVED: "r.state = 'succeeded'",
    SKIPPED: "r.state = 'skipped'",
}


@dataclass(frozen=True)
class Lanes:
    """Those that are paused until somebody resumes them, those that are tried again by themselves, and the handlers
    (business, name) that are on: None where no worker has noted that yet."""

    paused: frozenset[Lane]
    held: frozenset[Lane]
    on: frozenset[tuple[str, str]] | None

    def standing(self, lane: Lane, state: str) -> str:
        """Of a run in this state."""
        if state in ENDS:
            return ENDS[state]
        if lane in self.paused and state != "running":
            return ON_HOLD
        if self.on is not None and (lane.source, lane.handler) not in self.on and state != "running":
            return HALF_SET
        return RETRYING if state == "retrying" or lane in self.held else WAITING


def lanes_now(db: Database) -> Lanes:
    """Raises StoreError."""
    return Lanes(
        paused=frozenset(map(lane_in, db.read(PAUSES))),
        held=frozenset(map(lane_in, db.read(HOLDS))),
        on=noted_on(db),
    )


def noted_on(db: Database) -> frozenset[tuple[str, str]] | None:
    """As the worker that led last noted it; None where none did."""
    rows = db.read(SET, (HANDLERS,))
    if not rows or not rows[0]["value"]:
        return None
    states: dict[str, str] = json.loads(rows[0]["value"])
    names = (name.rpartition("/") for name, state in states.items() if state.startswith("on"))
    return frozenset((source, handler) for source, _, handler in names)


def lane_in(row: Row) -> Lane:
    return Lane(row["source"], row["handler"], row["target"])


def standing_text(standing: str) -> Text:
    return WORDS(standing)
