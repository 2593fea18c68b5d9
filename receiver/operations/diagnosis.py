"""What needs somebody's attention in the runs and their handlers, and advice, each with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..locales import Text, Texts
from ..registry import Activation, Lane
from .commands import command
from .finding import Finding, advice, problem
from .health import WAITING, Health
from .lanes import label, of_source

LONG_US = 600_000_000  # ten minutes: longer than a restart or a deploy takes
# fmt: off
TEXTS = Texts({
    "misconfigured": ("misconfigured, its runs wait: {why}", "mal configurado, sus envíos esperan: {why}"),
    "again":    ("put that right where the receiver is started, and start it again",
                 "corrígelo donde se arranca el receptor, y reinícialo"),
    "paused":   ("paused: {reason}", "en pausa: {reason}"),
    "resume":   ("fix it, then: {command}", "corrígelo, y luego: {command}"),
    "held":     ("{how} ({reason})", "{how} ({reason})"),
    "held_why": ("{n:run waits|runs wait}; when it answers again they go on by themselves",
                 "{n:envío espera|envíos esperan}; cuando vuelva a responder continúan solos"),
    "held_do":  ("see that it runs, and that its address and secret are right",
                 "comprueba que funciona, y que su dirección y su secreto son correctos"),
    "no_url":   ("{n:run waits|runs wait} for a URL that is no longer set",
                 "{n:envío espera|envíos esperan} una URL que ya no está definida"),
    "no_url_do": ("set it again; or move them to the present one: {replay}",
                  "defínela de nuevo; o pásalos a la actual: {replay}"),
    "no_file":  ("{n:run waits|runs wait} for a handler that is not there",
                 "{n:envío espera|envíos esperan} un handler que no existe"),
    "no_file_do": ("bring its file back, {or_cancel}", "devuelve su archivo, {or_cancel}"),
    "no_source": ("{n:run waits|runs wait} for a business that is disabled or removed",
                  "{n:envío espera|envíos esperan} por un negocio desactivado o eliminado"),
    "no_source_do": ("{enable}; {or_cancel}", "{enable}; {or_cancel}"),
    "off":      ("{n:run waits|runs wait}, and it is off", "{n:envío espera|envíos esperan}, y está desactivado"),
    "off_do":   ("{why} where the receiver is started, and start it again",
                 "{why} donde se arranca el receptor, y reinícialo"),
    "cancel":   ("cancel them, dead letters too: {command}", "cancélalos, también los fallidos: {command}"),
    "or_cancel": ("or cancel them, dead letters too: {command}", "o cancélalos, también los fallidos: {command}"),
    "dead":     ("{n:dead letter|dead letters}", "{n:envío fallido|envíos fallidos}"),
    "dead_do":  ("see which: {list}; why: {show}; then: {replay}; or, where somebody has dealt with them: {cancel}",
                 "mira cuáles: {list}; por qué: {show}; y luego: {replay}; o, si ya se atendieron de otro modo: "
                 "{cancel}"),
    "retrying": ("{n:run waits|runs wait} for another attempt: {error}",
                 "{n:envío espera|envíos esperan} otro intento: {error}"),
    "retrying_why": ("each is tried again for about a day, then it is a dead letter",
                     "cada uno se reintenta durante cerca de un día; después queda como fallido"),
    "retrying_do":  ("fix the cause, if it does not pass by itself", "corrige la causa, si no se pasa sola"),
    "dead_off": ("{n:dead letter|dead letters}, and with this command's variables it is off",
                 "{n:envío fallido|envíos fallidos}, y con las variables de este comando está desactivado"),
    "dead_off_why": ("nothing more is done about them", "no se hace nada más con ellos"),
    "dead_off_do":  ("to have them all the same, set its variables, then: {replay}",
                     "si los quieres de todos modos, define sus variables, y luego: {replay}"),
})
# fmt: on
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
                TEXTS("misconfigured", why=activation.why),
                do=TEXTS("again"),
                source=activation.source,
            )


def paused_lanes(state: Health) -> Iterator[Finding]:
    for pause in state.pauses:
        of = of_source(pause.source, several=state.is_of_several)
        resume = " ".join(filter(None, ("resume", pause.handler, pause.target, of)))
        yield problem(
            label(pause.lane),
            TEXTS("paused", reason=pause.reason),
            do=TEXTS("resume", command=command(resume)),
            source=pause.source,
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
                TEXTS("held", how=each.sentence, reason=each.reason),
                why=TEXTS("held_why", n=each.waiting),
                do=TEXTS("held_do"),
                source=each.source,
            )


def stranded(by_name: ByName, state: Health) -> Iterator[Finding]:
    """Runs for a URL or a handler that is not set any more."""
    for lane, number in state.by_lane(WAITING):
        activation = by_name.get((lane.source, lane.handler))
        if lane.target and activation and activation.state == "on" and lane.target not in activation.targets:
            which = state.options(lane)
            do = TEXTS("no_url_do", replay=command(f"replay {which}"))
            yield problem(label(lane), TEXTS("no_url", n=number), do=do, source=lane.source)
    for (source, handler), number in state.by_handler(WAITING).items():
        lane = Lane(source, handler, "")
        activation = by_name.get((source, handler))
        if activation is None and source and source not in {name for name, _ in by_name}:
            enable = command(f"sources enable {source}")
            do = TEXTS("no_source_do", enable=enable, or_cancel=or_cancel(state.options(lane)))
            yield problem(label(lane), TEXTS("no_source", n=number), do=do, source=source)
        elif activation is None:
            do = TEXTS("no_file_do", or_cancel=or_cancel(state.options(lane)))
            yield problem(label(lane), TEXTS("no_file", n=number), do=do, source=source)
        elif activation.state == "off":
            do = off_do(activation, state.options(lane))
            yield problem(label(lane), TEXTS("off", n=number), do=do, source=source)


def off_do(activation: Activation, which: str) -> Text:
    """Runs are not to be cancelled where a setting is missing; the one that needs none is off for good."""
    if activation.handler.needs is None:
        return TEXTS("cancel", command=command(f"cancel {which}"))
    return TEXTS("off_do", why=activation.why)


def dead_letters(by_name: ByName, state: Health) -> Iterator[Finding]:
    for lane, number in state.by_lane(("dead",)):
        activation = by_name.get((lane.source, lane.handler))
        if activation and activation.state != "off":
            which = f"{state.options(lane)} --state dead"
            do = TEXTS(
                "dead_do",
                list=command(f"deliveries {which}"),
                show=command("show ID"),
                replay=command(f"replay {which}"),
                cancel=command(f"cancel {which}"),
            )
            yield problem(label(lane), TEXTS("dead", n=number), do=do, source=lane.source)


def retrying(by_name: ByName, state: Health) -> Iterator[Finding]:
    """What may end well by itself."""
    lanes = {lane for activation in by_name.values() if activation.state == "on" for lane in activation.lanes()}
    attempted = lanes - {pause.lane for pause in state.pauses}
    for row in state.unfinished:
        if row.state == "retrying" and row.lane in attempted:
            yield advice(
                label(row.lane),
                TEXTS("retrying", n=row.runs, error=row.error),
                why=TEXTS("retrying_why"),
                do=TEXTS("retrying_do"),
                source=row.lane.source,
            )


def dead_and_off(by_name: ByName, state: Health) -> Iterator[Finding]:
    """The dead letters of what is off: these are over, unless it comes back."""
    for lane, number in state.by_lane(("dead",)):
        activation = by_name.get((lane.source, lane.handler))
        if activation is None or activation.state == "off":
            which = f"{state.options(lane._replace(target=''))} --state dead"
            yield advice(
                label(lane),
                TEXTS("dead_off", n=number),
                why=TEXTS("dead_off_why"),
                do=TEXTS("dead_off_do", replay=command(f"replay {which}")),
                source=lane.source,
            )


def or_cancel(which: str) -> Text:
    return TEXTS("or_cancel", command=command(f"cancel {which}"))
