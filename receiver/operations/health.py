"""How it all stands: what waits and what is dead in each lane, and what of that needs somebody's attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..inbox.claims import OPEN
from ..registry import Activation, Lane
from ..store import Database
from .commands import command
from .documents import columns_to_json
from .finding import Finding, advice, problem
from .pauses import Paused, paused

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
    """What is unfinished, and what is paused; nothing where there is no inbox yet."""

    unfinished: tuple[Unfinished, ...] = ()
    pauses: tuple[Paused, ...] = ()

    def by_lane(self, states: Collection[str]) -> list[tuple[Lane, int]]:
        """How many runs of each lane are in these states, in order."""
        runs: Counter[Lane] = Counter()
        for row in self.unfinished:
            if row.state in states:
                runs[row.lane] += row.runs
        return sorted(runs.items())

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


def health(db: Database) -> Health:
    """Raises StoreError."""
    return Health(unfinished=tuple(unfinished(db)), pauses=tuple(paused(db)))


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
            source=on.source,
            handler=on.handler.name,
            state=on.state,
            why=on.why,
            events=tuple(on.events()),
            narrowed_to=tuple(sorted(on.wanted.events)) or None,
            urgency=tuple(sorted(on.wanted.urgencies)),
            targets=tuple(target for target in on.targets if target) if on.state == "on" else (),
            urls=tuple(shown_url(settings) for settings in on.targets.values() if settings.get("url")),
            waiting=waiting[on.source, on.handler.name],
            dead=dead[on.source, on.handler.name],
        )
        for on in activations
    ]


def shown_url(target: Mapping[str, str]) -> str:
    """A target's URL without what is secret in it, and whether what is sent there is signed."""
    from ..toolkit import masked  # it loads an HTTP client, and the web process does not need one

    return masked(target["url"]) + (" (not signed)" if not target.get("secret", "-") else "")


def findings(activations: Sequence[Activation], state: Health) -> Iterator[Finding]:
    """Problems, which need somebody's attention, then advice."""
    known = {(on.source, on.handler.name): on for on in activations}
    yield from misconfigured(activations)
    yield from paused_lanes(state)
    yield from stranded(known, state)
    yield from dead_letters(known, state)
    yield from retrying(known, state)
    yield from dead_and_off(known, state)


Known = Mapping[tuple[str, str], Activation]


def misconfigured(activations: Sequence[Activation]) -> Iterator[Finding]:
    for on in activations:
        if on.state == "misconfigured":
            yield problem(
                label(Lane(on.source, on.handler.name, "")),
                f"misconfigured, its runs wait: {on.why}",
                do="put that right, and start again",
                source=on.source,
            )


def paused_lanes(state: Health) -> Iterator[Finding]:
    for pause in state.pauses:
        resume = " ".join(filter(None, ("resume", pause.handler, pause.target, of_source(pause.source))))
        yield problem(
            label(pause.lane), f"paused: {pause.reason}", do=f"fix it, then: {command(resume)}", source=pause.source
        )


def stranded(known: Known, state: Health) -> Iterator[Finding]:
    """Runs for a URL or a handler that is not set any more."""
    for lane, number in state.by_lane(WAITING):
        on = known.get((lane.source, lane.handler))
        if lane.target and on and on.state == "on" and lane.target not in on.targets:
            which = options(lane)
            do = f"set it again; or move them to the present one: {command(f'replay {which}')}; {or_cancel(which)}"
            yield problem(
                label(lane), f"{number} run(s) wait for a URL that is no longer set", do=do, source=lane.source
            )
    for (source, handler), number in state.by_handler(WAITING).items():
        lane = Lane(source, handler, "")
        on = known.get((source, handler))
        if on is None:
            do = f"bring its file back, {or_cancel(options(lane))}"
            yield problem(label(lane), f"{number} run(s) wait for a handler that is not there", do=do, source=source)
        elif on.state == "off":
            do = f"set its variables again, {or_cancel(options(lane))}"
            yield problem(label(lane), f"{number} run(s) wait, and it is off", do=do, source=source)


def dead_letters(known: Known, state: Health) -> Iterator[Finding]:
    for lane, number in state.by_lane(("dead",)):
        on = known.get((lane.source, lane.handler))
        if on and on.state != "off":
            which = f"{options(lane)} --state dead"
            do = (
                f"see which: {command(f'deliveries {which}')}; why: {command('show ID')}; "
                f"then: {command(f'replay {which}')}; "
                f"or, where they are seen to otherwise: {command(f'cancel {which}')}"
            )
            yield problem(label(lane), f"{number} dead letter(s)", do=do, source=lane.source)


def retrying(known: Known, state: Health) -> Iterator[Finding]:
    """What may end well by itself."""
    lanes = {lane for on in known.values() if on.state == "on" for lane in on.lanes()}
    attempted = lanes - {pause.lane for pause in state.pauses}
    for row in state.unfinished:
        if row.state == "retrying" and row.lane in attempted:
            yield advice(
                label(row.lane),
                f"{row.runs} run(s) wait for another attempt: {row.error}",
                why="each is tried again for about a day, then it is a dead letter",
                do="fix the cause, if it does not pass by itself",
                source=row.lane.source,
            )


def dead_and_off(known: Known, state: Health) -> Iterator[Finding]:
    """The dead letters of what is off: these are over, unless it comes back."""
    for lane, number in state.by_lane(("dead",)):
        on = known.get((lane.source, lane.handler))
        if on is None or on.state == "off":
            which = f"{options(lane._replace(target=''))} --state dead"
            yield advice(
                label(lane),
                f"{number} dead letter(s), and with this command's variables it is off",
                why="nothing more is done about them",
                do=f"to have them all the same, set its variables, then: {command(f'replay {which}')}",
                source=lane.source,
            )


def label(lane: Lane) -> str:
    """A lane as people read it; of the single business without a source."""
    return f"{lane.handler} {lane.target}".rstrip() + (f" [{lane.source}]" if lane.source else "")


def options(lane: Lane) -> str:
    target = f"--target {lane.target}" if lane.target else ""
    return " ".join(filter(None, (f"--handler {lane.handler}", target, of_source(lane.source))))


def of_source(source: str) -> str:
    return f"--source {source}" if source else ""


def or_cancel(which: str) -> str:
    return f"or cancel them, dead letters too: {command(f'cancel {which}')}"
