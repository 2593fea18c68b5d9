"""How it all stands: what waits and what is dead in each lane, and what each destination gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..inbox import OPEN, handlers_on, reasons_of
from ..locales import Texts
from ..registry import Activation, Lane
from ..store import Database
from .businesses import source_names
from .documents import columns_to_json
from .held import Held, held
from .lanes import options
from .pauses import Paused, paused

TEXTS = Texts({"unsigned": ("{url} (not signed)", "{url} (sin firmar)")})
WAITING = ("pending", "queued", "running", "retrying")
PARTIAL = (OPEN, "state = 'dead'")  # as in the partial indexes


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """How many runs of a lane are in a state, open or dead, with what one of them met."""

    lane: Lane
    state: str
    runs: int
    error: str


@dataclass(frozen=True, kw_only=True)
class Health:
    """What is unfinished, and what is paused or held; nothing where there is no inbox yet."""

    unfinished: tuple[Unfinished, ...] = ()
    pauses: tuple[Paused, ...] = ()
    held: tuple[Held, ...] = ()
    now_us: int = field(default=0, compare=False)  # by the database's clock
    is_of_several: bool = False  # whether there are other businesses than that of the environment
    noted: str = field(default="", compare=False)  # what the worker that runs has noted as being on, as JSON
    reasons: str = field(default="", compare=False)  # why what is misconfigured there is so, as JSON

    def by_lane(self, states: Collection[str]) -> list[tuple[Lane, int]]:
        """How many runs of each lane are in these states, in order."""
        runs: Counter[Lane] = Counter()
        for row in self.unfinished:
            if row.state in states:
                runs[row.lane] += row.runs
        return sorted(runs.items())

    def options(self, lane: Lane) -> str:
        """What a command is given so that it is about this lane, and none of another business."""
        return options(lane, several=self.is_of_several)

    def by_handler(self, states: Collection[str]) -> Counter[tuple[str, str]]:
        """The same for each (source, handler), with all of its targets."""
        runs: Counter[tuple[str, str]] = Counter()
        for lane, number in self.by_lane(states):
            runs[lane.source, lane.handler] += number
        return runs


@dataclass(frozen=True, kw_only=True)
class Destination:
    """A handler under the present variables, with what it gets and what is behind. `urls` hold no secret."""

    source: str
    handler: str
    state: str
    why: str
    events: tuple[str, ...]
    narrowed_to: tuple[str, ...] | None
    urgency: tuple[str, ...]
    targets: tuple[str, ...]
    urls: tuple[str, ...]
    waiting: int
    dead: int

    def to_json(self) -> dict[str, Any]:
        return columns_to_json(asdict(self))


def health(db: Database, *, source: str | None = None) -> Health:
    """Of one source, or of all. Raises StoreError."""

    def is_meant(lane: Lane) -> bool:
        return source in (None, lane.source)

    return Health(
        unfinished=tuple(row for row in unfinished(db) if is_meant(row.lane)),
        pauses=tuple(pause for pause in paused(db) if is_meant(pause.lane)),
        held=tuple(each for each in held(db) if is_meant(each.lane)),
        now_us=db.now_us(),
        is_of_several=bool(source_names(db)),
        noted=handlers_on(db),
        reasons=reasons_of(db),
    )


def unfinished(db: Database) -> list[Unfinished]:
    """Every lane that has open or dead runs, by state. Raises StoreError."""
    by = "source, handler, target, state"
    sql = f"SELECT {by}, count(*) AS n, max(last_error) AS error FROM runs WHERE"
    return [
        Unfinished(
            lane=Lane(row["source"], row["handler"], row["target"]),
            state=row["state"],
            runs=row["n"],
            error=row["error"] or "",
        )
        for condition in PARTIAL
        for row in db.read(f"{sql} {condition} GROUP BY {by} ORDER BY {by}")
    ]


def destinations(activations: Sequence[Activation], state: Health) -> list[Destination]:
    waiting, dead = state.by_handler(WAITING), state.by_handler(("dead",))
    return [
        Destination(
            source=activation.source,
            handler=activation.handler.name,
            state=activation.state,
            why=activation.why,
            events=tuple(activation.events()),
            narrowed_to=tuple(sorted(activation.wanted.events)) or None,
            urgency=tuple(sorted(activation.wanted.urgencies)),
            targets=tuple(target for target in activation.targets if target) if activation.state == "on" else (),
            urls=tuple(shown_url(settings) for settings in activation.targets.values() if settings.get("url")),
            waiting=waiting[activation.source, activation.handler.name],
            dead=dead[activation.source, activation.handler.name],
        )
        for activation in activations
    ]


def shown_url(target: Mapping[str, str]) -> str:
    """A target's URL without what is secret in it, and whether what is sent there is signed."""
    from ..toolkit import masked  # it loads an HTTP client, and the web process does not need one

    return masked(target["url"]) if target.get("secret", "-") else TEXTS("unsigned", url=masked(target["url"]))
