"""Deliveries, and tables of anything, as lines of text for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ..events import parse_object
from ..inbox import detail_text
from ..locales import Text, Texts, joined, stamp
from ..registry import Lane
from .lanes import label, place_of
from .listing import ListedPlace
from .pages import KeptDelivery, KeptRun
from .show import Attempt, ShownDelivery, ShownRun
from .standing import ARRIVED, DEAD, ERASED, KEPT, SKIPPED, WAITING, standing_text

MARKS = {ARRIVED: "✓", DEAD: "✗", SKIPPED: "–"}
WAITS = "…"
# fmt: off
EVENTS_TEXTS = Texts({
    "call.completed":     ("call", "llamada"),
    "call.transferred":   ("transfer", "transferencia"),
    "appointment.booked": ("booking", "cita"),
    "lead.created":       ("lead", "interesado"),
})
TEXTS = Texts({
    "delivery":  ("delivery  {key}", "entrega   {key}"),
    "source":    ("source    {source}", "negocio   {source}"),
    "event":     ("event     {event}, call {call}", "evento    {event}, llamada {call}"),
    "received":  ("received  {at}", "recibida  {at}"),
    "erased":    ("erased    {at}: only its id, its event and its times are kept",
                  "borrada   {at}: solo se conservan su identificador, su evento y sus horas"),
    "odd":       ("odd       {problems}", "raro      {problems}"),
    "conflicts": ("conflicts {n} with the same id and other content: kept, and not run",
                  "conflicto {n} con el mismo identificador y otro contenido: se guardan y no se envían"),
    "none":      ("sent to   nothing: no destination that takes it was on",
                  "enviada a nada: ningún destino que la reciba estaba activo"),
    "not_yet":   ("sent to   nothing yet: the worker has not seen it",
                  "enviada a nada todavía: el worker no la ha visto"),
    "no_event":  ("(none)", "(ninguno)"),
    "no_call":   ("(none)", "(ninguna)"),
    "run":       ("\n{lane}: {state}{due}", "\n{lane}: {state}{due}"),
    "outcome":   ("  outcome     {text}", "  resultado   {text}"),
    "error":     ("  last error  {text}", "  último error  {text}"),
    "attempt":   ("  attempt {number}   {began} {result}{took}{detail}",
                  "  intento {number}   {began} {result}{took}{detail}"),
    "took":      (" after {seconds} s", " tras {seconds} s"),
    "in_flight": ("running", "en curso"),
    "paused":    (", waits until its pause ends", ", espera a que termine la pausa"),
    "held":      (", waits: its target {held}", ", espera: su destino {held}"),
    "due":       (", due since {at}", ", pendiente desde {at}"),
    "next":      (", next attempt {at}", ", próximo intento {at}"),
})
# fmt: on


def describe(delivery: ShownDelivery, *, body: bool) -> Iterator[Text | str]:
    """A delivery as lines of text."""
    yield TEXTS("delivery", key=delivery.key)
    if delivery.source:
        yield TEXTS("source", source=delivery.source)
    yield TEXTS("event", event=delivery.event or TEXTS("no_event"), call=delivery.call_id or TEXTS("no_call"))
    yield TEXTS("received", at=stamp(delivery.received_us))
    if delivery.erased_us:
        yield TEXTS("erased", at=stamp(delivery.erased_us))
    if problems := json.loads(delivery.problems):
        yield TEXTS("odd", problems=", ".join(problems))
    if delivery.conflicts:
        yield TEXTS("conflicts", n=delivery.conflicts)
    if not delivery.runs:
        yield TEXTS("none") if delivery.dispatched_us else TEXTS("not_yet")
    for run in delivery.runs:
        yield from describe_run(run)
    if body:
        yield f"\n{indented(delivery)}"


def indented(delivery: ShownDelivery) -> str:
    document = parse_object(delivery.body)
    return delivery.text if document is None else json.dumps(document, ensure_ascii=False, indent=2)


def describe_run(run: ShownRun) -> Iterator[Text]:
    """What the last attempt says of its end is not said twice."""
    yield TEXTS("run", lane=run_label(run), state=standing_text(run.standing), due=due(run))
    details = [attempt.detail for attempt in run.attempts]
    if run.outcome and run.outcome not in details:
        yield TEXTS("outcome", text=run.outcome)
    if run.last_error and run.last_error not in details:
        yield TEXTS("error", text=detail_text(run.last_error))
    for attempt in run.attempts:
        yield describe_attempt(attempt)


def describe_attempt(attempt: Attempt) -> Text:
    seconds = f"{(attempt.ended_us - attempt.started_us) / 1e6:.1f}" if attempt.ended_us else ""
    result = attempt.result or TEXTS("in_flight")
    return TEXTS(
        "attempt",
        number=attempt.number,
        began=stamp(attempt.started_us),
        result=standing_text(DEAD) if result == "gave-up" else result,  # as its run is called then
        took=TEXTS("took", seconds=seconds) if seconds else "",
        detail=joined("", [": ", detail_text(attempt.detail)]) if attempt.detail else "",
    )


def due(run: ShownRun) -> Text | str:
    """When a run is to be attempted, or why it is not."""
    if run.state not in ("pending", "retrying"):
        return ""
    if run.paused:
        return TEXTS("paused")
    if run.held:
        return TEXTS("held", held=run.held)
    return TEXTS("due" if run.due else "next", at=stamp(run.next_attempt_us))


def states(delivery: KeptDelivery) -> Text:
    """A delivery with how it stands at each destination, in a line."""
    shown = [standing_text(ERASED)] * bool(delivery.erased_us)
    shown += [joined(" ", [run_label(run), standing_text(run.standing)]) for run in delivery.runs]
    return joined(", ", shown or [standing_text(KEPT if delivery.dispatched_us else WAITING)])


def events_text(events: Sequence[str]) -> Text:
    """What happened in a call, in words; an event that is not known by its own name."""
    return joined(", ", [EVENTS_TEXTS(event) if event in EVENTS_TEXTS.table else event or "?" for event in events])


def place_text(place: ListedPlace, *, marks: bool) -> Text:
    """A destination with how it stands, and with the reason where it did not work; `marks` instead of words."""
    name = joined(" ", filter(None, [place_of(place.handler), place.target]))
    state = MARKS.get(place.state, WAITS) if marks else standing_text(place.state)
    error = joined("", ["(", detail_text(place.error), ")"]) if place.error else ""
    return joined(" ", filter(None, [name, state, error]))


def run_label(run: KeptRun) -> str:
    """Of a delivery whose source is shown beside it."""
    return label(Lane("", run.handler, run.target))


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
