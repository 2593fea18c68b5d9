"""One call: who, what for, what happened, where it went, and everything that was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from ... import operations
from ...operations import (
    STANDINGS,
    UNARRIVED,
    WAYS,
    CallShown,
    Happening,
    Held,
    Lane,
    Mark,
    OneCall,
    ShownDelivery,
    ShownRun,
)
from ..counting import count_calls
from ..desk import desk
from ..frame import show
from ..language import t
from ..naming import held_words, reason_said, reason_words
from ..rights import needs
from ..sessions import me
from ..shown import clean, clock, when
from ..told import State, number_of, outcome, sees_numbers, state, word

bp = Blueprint("call", __name__)

BODY_CHARS = 20_000
EVENTS = {
    "call.completed": "event_ended",
    "call.transferred": "event_transferred",
    "appointment.booked": "event_booked",
    "lead.created": "event_lead",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """One of the places that a call went to; `said` is what it answered, in its own language."""

    title: str
    state: State
    link: str
    why: str = ""
    said: str = ""
    note: str = ""


@bp.get("/call")
@needs("look")
def page() -> ResponseReturnValue:
    return shown(request.args.get("id", ""))


@bp.post("/call/number")
@needs("see numbers")
def number() -> ResponseReturnValue:
    """The whole number, for this once."""
    call_id = request.form.get("id", "")
    operations.one_call(desk().db, call_id, source=desk().source)
    operations.note_look(desk().db, me().by, "saw-number", {"call": call_id}, source=desk().source)
    return shown(call_id, number=True)


@bp.post("/call/sent")
@needs("see numbers")
def sent() -> ResponseReturnValue:
    """What InboundFlow sent, as it came: with everything about the caller in it."""
    call_id, key = request.form.get("id", ""), request.form.get("key", "")
    operations.note_look(desk().db, me().by, "saw-report", {"call": call_id, "keys": [key]}, source=desk().source)
    return shown(call_id, sent=key)


def shown(call_id: str, *, number: bool = False, sent: str = "") -> ResponseReturnValue:
    at = desk()
    count_calls(at)
    call = operations.one_call(at.db, call_id, source=at.source)
    made = operations.marks_of(at.db, [call_id], at.source).get(call_id, [])
    return show(
        "call.html",
        every=10,
        call=call,
        row=call.row,
        heard=call.heard,
        number=number_of(call.row, shown=call_id if number else ""),
        has_number=bool(call.row.phone) and not (number or sees_numbers()),
        may_call=bool(call.row.phone) and (number or sees_numbers()),
        outcome=outcome(CallShown(row=call.row, heard=call.heard), called_back=is_called_back(made)),
        happened=[(each.received_us, event_text(each)) for each in call.happened],
        places=list(places_of(call)),
        nowhere=state("kept" if all(each.dispatched_us for each in call.deliveries) else "waiting"),
        marks=made,
        bodies={each.key: body_text(each) for each in call.deliveries if each.key == sent},
        sent=sent,
        own_event=own_event,
    )


def is_called_back(made: Sequence[Mark]) -> bool:
    return any(mark.what in WAYS for mark in made)


def event_text(each: Happening) -> str:
    name = EVENTS.get(each.event, "event_other")
    label = clean(each.data.get("transferred_to_label"), 60) or t("colleague")
    return t(name, label=label, event=clean(each.event, 60) or "?")


def own_event(delivery: ShownDelivery) -> str:
    return event_text(Happening(event=delivery.event, received_us=delivery.received_us, data={}))


def body_text(delivery: ShownDelivery) -> str:
    """In lines, where it is JSON."""
    try:
        text = json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = delivery.text
    return clean(text, BODY_CHARS)


def places_of(call: OneCall) -> Iterator[Place]:
    """One line for each place: where several reports went there, the worst of them."""
    runs: dict[tuple[str, str], list[ShownRun]] = {}
    for delivery in call.deliveries:
        for run in delivery.runs:
            runs.setdefault((run.handler, run.target), []).append(run)
    settings = settings_of()
    holds = {each.lane: each for each in operations.held(desk().db)}
    for (handler, target), of_place in runs.items():
        worst = min(of_place, key=lambda run: STANDINGS.index(run.standing))
        links = (link_of(handler, run.outcome or "", settings.get((handler, target), {})) for run in of_place)
        title = desk().title(handler)
        hold = holds.get(Lane(desk().source, handler, target))
        yield Place(
            title=title,
            state=run_state(worst, is_held=bool(hold)),
            link=next((link for link in links if link), ""),
            why=why(worst, title, hold),
            said=reason_said(worst.last_error or "") if worst.standing in UNARRIVED else "",
            note=t("run_unsure") if worst.state == "retrying" and is_unsure(worst) else "",
        )


def why(run: ShownRun, place: str, hold: Held | None) -> str:
    """Why it has not arrived, in a sentence; "" where that is nothing unusual."""
    if run.standing == "on_hold":
        return t("run_on_hold_why", place=place)
    if run.standing == "half_set":
        return t("run_half_set_why", place=place)
    if run.standing == "retrying" and hold:
        return held_words(hold, place)
    return reason_words(run.failure, place) if run.standing in ("dead", "retrying") else ""


def is_unsure(run: ShownRun) -> bool:
    """Whether the last try may have got there all the same."""
    return bool(run.attempts) and run.attempts[-1].result == "lost"


def run_state(run: ShownRun, *, is_held: bool) -> State:
    """The word that every list has for it, with when and why."""
    told = word(run.standing)
    if run.standing == "arrived":
        ends = [attempt.ended_us for attempt in run.attempts if attempt.ended_us]
        return state("arrived", f"{told} {when(ends[-1])}" if ends else told)
    if run.standing == "retrying" and run.state == "retrying" and not is_held:
        return state("retrying", t("run_retrying", word=told, at=clock(run.next_attempt_us), n=run.failures + 1))
    if run.standing == "skipped":
        return state("skipped", skipped_text(run.last_error or ""))
    return state(run.standing)


def skipped_text(why: str) -> str:
    if why == operations.ERASED:
        return word("erased")
    if why.startswith(operations.CANCELLED):
        return t("run_skipped", word=word("skipped"), why=clean(why.removeprefix(operations.CANCELLED), 200))
    return t("run_skipped", word=word("skipped"), why=t("run_by_choice"))


def settings_of() -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """Of each target that is on, what it was set up with."""
    return {
        (each.handler.name, target): values
        for each in desk().activations()
        if each.state == "on"
        for target, values in each.targets.items()
    }


def link_of(handler: str, outcome: str, settings: Mapping[str, Any]) -> str:
    """Where to see what was made there: an https address, or ""."""
    of_handler = {each.handler.name: each.handler.link for each in desk().activations()}.get(handler)
    if not (of_handler and outcome):
        return ""
    try:
        link = of_handler(outcome, settings)
    except Exception:  # a handler's own function, for one line of a page
        return ""
    return link if link.startswith("https://") and link.isprintable() and " " not in link else ""
