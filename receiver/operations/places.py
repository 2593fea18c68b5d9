"""Each destination, as somebody looks at it: does it work, at what pace, how far behind is it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..inbox import OPEN
from ..registry import Activation, Lane
from ..store import Database
from .health import shown_url
from .held import Held, held
from .pauses import Paused, paused
from .problems import COUNTED, DEAD, OF_LANE, count
from .standing import ARRIVED, ON_HOLD, RETRYING
from .standing import DEAD as DID_NOT_ARRIVE

DAY_US = 86_400_000_000
LOOKED_AT = 20_000  # deliveries of the last day, or the newest runs

OLDEST = f"""
SELECT min(d.received_us) AS us FROM deliveries AS d WHERE d.id = (
    SELECT min(delivery_id) FROM (SELECT delivery_id FROM runs WHERE {OF_LANE} AND {OPEN} LIMIT ?) AS waiting)
"""
LATELY = """
SELECT r.source, r.handler, r.target, count(*) AS n FROM (
    SELECT id FROM deliveries WHERE received_us >= ? ORDER BY received_us DESC LIMIT ?) AS lately
JOIN runs AS r ON r.delivery_id = lately.id WHERE r.state = 'succeeded' GROUP BY r.source, r.handler, r.target
"""
NEWEST = "SELECT coalesce(max(id), 0) AS id FROM runs"
LAST = f"""
SELECT max(a.ended_us) AS us FROM attempts AS a WHERE a.run_id = (
    SELECT max(id) FROM runs WHERE id > ? AND state = 'succeeded' AND {OF_LANE})
"""
BEING_RETRIED = f"{OPEN} AND state = 'retrying'"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A lane of a destination that is on, or that is set up by half. Counts go up to 10,001."""

    lane: Lane
    state: str  # on, misconfigured
    why: str
    url: str  # of several, without what is secret
    signs: bool | None  # whether what is sent is signed; None where that is no question
    pace_s: float
    events: tuple[str, ...]
    pause: Paused | None
    held: Held | None
    waiting: int
    oldest_us: int | None
    last_us: int | None  # when something arrived last, of the newest runs
    arrived: int  # in a day
    retrying: int
    dead: int

    @property
    def standing(self) -> str:
        """How it stands as a whole: half_set, or as in standing.py; `arrived` is that it works."""
        if self.state != "on":
            return "half_set"
        if self.pause:
            return ON_HOLD
        return RETRYING if self.held else DID_NOT_ARRIVE if self.dead else ARRIVED


def places(db: Database, activations: Sequence[Activation]) -> list[Place]:
    """Of what is not off, in order. Raises StoreError."""
    pauses = {pause.lane: pause for pause in paused(db)}
    holds = {each.lane: each for each in held(db)}
    arrived = arrived_since(db, db.now_us() - DAY_US)
    newest = db.read(NEWEST)[0]["id"]
    return [
        Place(
            lane=lane,
            state=each.state,
            why=each.why,
            url=shown_url({"url": target["url"]}) if target.get("url") else "",
            signs=bool(target.get("secret")) if target.get("url") and "secret" in target else None,
            pace_s=each.handler.pace_s,
            events=tuple(each.events()),
            pause=pauses.get(lane),
            held=holds.get(lane),
            waiting=(waiting := count(db, OPEN, lane)),
            oldest_us=db.read(OLDEST, (*lane, COUNTED))[0]["us"],
            last_us=db.read(LAST, (newest - LOOKED_AT, *lane))[0]["us"],
            arrived=arrived.get(lane, 0),
            retrying=0 if lane in pauses else waiting if lane in holds else count(db, BEING_RETRIED, lane),
            dead=count(db, DEAD, lane),
        )
        for each in sorted(activations, key=lambda each: (each.source, each.handler.name))
        if each.state in ("on", "misconfigured")
        for lane, target in targets(each)
    ]


def targets(activation: Activation) -> list[tuple[Lane, Mapping[str, str]]]:
    if activation.state != "on":
        return [(Lane(activation.source, activation.handler.name, ""), {})]
    return [(lane, activation.targets[lane.target]) for lane in activation.lanes()]


def arrived_since(db: Database, since_us: int) -> dict[Lane, int]:
    rows = db.read(LATELY, (since_us, LOOKED_AT))
    return {Lane(row["source"], row["handler"], row["target"]): row["n"] for row in rows}
