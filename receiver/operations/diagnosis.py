"""What needs somebody's attention in the runs and their handlers, and advice, each with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..registry import Activation, Lane
from .commands import command
from .finding import Finding, advice, problem
from .health import WAITING, Health
from .lanes import label, of_source, options

LONG_US = 600_000_000  # ten minutes: longer than a restart or a deploy takes
ByName = Mapping[tuple[str, str], Activation]  # by source and handler


def findings(activations: Sequence[Activation], state: Health) -> Iterator[Finding]:
    """Problems, which need somebody's attention, then advice."""
    by_name = {(activation.source, activation.handler.name): activation for activation in activations}
    yield from misconfigured(activations)
    yield from paused_lanes(state)
    yield from held_lanes(by_name, state)
    yield from stranded(by_name, state)
    yield from dead_letters(by_name, state)
    yield from retrying(by_name, state)
    yield from dead_and_off(by_name, state)


def misconfigured(activations: Sequence[Activation]) -> Iterator[Finding]:
    for activation in activations:
        if activation.state == "misconfigured":
            yield problem(
                label(Lane(activation.source, activation.handler.name, "")),
                f"misconfigured, its runs wait: {activation.why}",
                do="put that right, and start again",
                source=activation.source,
            )


def paused_lanes(state: Health) -> Iterator[Finding]:
    for pause in state.pauses:
        resume = " ".join(filter(None, ("resume", pause.handler, pause.target, of_source(pause.source))))
        yield problem(
            label(pause.lane), f"paused: {pause.reason}", do=f"fix it, then: {command(resume)}", source=pause.source
        )


def held_lanes(by_name: ByName, state: Health) -> Iterator[Finding]:
    """What goes on by itself; where that takes long, it may need somebody all the same."""
    lanes = {lane for activation in by_name.values() if activation.state == "on" for lane in activation.lanes()}
    for each in state.held:
        if each.lane in lanes - {pause.lane for pause in state.pauses}:
            lasts = each.kind == "down" and state.now_us - each.since_us > LONG_US
            finding = problem if lasts else advice
            yield finding(
                label(each.lane),
                f"{each.sentence} ({each.reason})",
                why=f"{each.waiting} run(s) wait; when it answers again they go on by themselves",
                do="see that it runs, and that its address and secret are right",
                source=each.source,
            )


def stranded(by_name: ByName, state: Health) -> Iterator[Finding]:
    """Runs for a URL or a handler that is not set any more."""
    for lane, number in state.by_lane(WAITING):
        activation = by_name.get((lane.source, lane.handler))
        if lane.target and activation and activation.state == "on" and lane.target not in activation.targets:
            which = options(lane)
            do = f"set it again; or move them to the present one: {command(f'replay {which}')}; {or_cancel(which)}"
            yield problem(
                label(lane), f"{number} run(s) wait for a URL that is no longer set", do=do, source=lane.source
            )
    for (source, handler), number in state.by_handler(WAITING).items():
        lane = Lane(source, handler, "")
        activation = by_name.get((source, handler))
        if activation is None:
            do = f"bring its file back, {or_cancel(options(lane))}"
            yield problem(label(lane), f"{number} run(s) wait for a handler that is not there", do=do, source=source)
        elif activation.state == "off":
            do = f"set its variables again, {or_cancel(options(lane))}"
            yield problem(label(lane), f"{number} run(s) wait, and it is off", do=do, source=source)


def dead_letters(by_name: ByName, state: Health) -> Iterator[Finding]:
    for lane, number in state.by_lane(("dead",)):
        activation = by_name.get((lane.source, lane.handler))
        if activation and activation.state != "off":
            which = f"{options(lane)} --state dead"
            do = (
                f"see which: {command(f'deliveries {which}')}; why: {command('show ID')}; "
                f"then: {command(f'replay {which}')}; "
                f"or, where they are seen to otherwise: {command(f'cancel {which}')}"
            )
            yield problem(label(lane), f"{number} dead letter(s)", do=do, source=lane.source)


def retrying(by_name: ByName, state: Health) -> Iterator[Finding]:
    """What may end well by itself."""
    lanes = {lane for activation in by_name.values() if activation.state == "on" for lane in activation.lanes()}
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


def dead_and_off(by_name: ByName, state: Health) -> Iterator[Finding]:
    """The dead letters of what is off: these are over, unless it comes back."""
    for lane, number in state.by_lane(("dead",)):
        activation = by_name.get((lane.source, lane.handler))
        if activation is None or activation.state == "off":
            which = f"{options(lane._replace(target=''))} --state dead"
            yield advice(
                label(lane),
                f"{number} dead letter(s), and with this command's variables it is off",
                why="nothing more is done about them",
                do=f"to have them all the same, set its variables, then: {command(f'replay {which}')}",
                source=lane.source,
            )


def or_cancel(which: str) -> str:
    return f"or cancel them, dead letters too: {command(f'cancel {which}')}"
