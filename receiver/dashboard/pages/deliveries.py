"""All deliveries, for whoever runs the receiver: by time, event, state, destination, or the beginning of an id."""

from __future__ import annotations

import json

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from ... import operations
from ...errors import Ambiguous, NotFound, OperationError
from ...operations import STANDINGS, KeptDelivery, KeptRun, Selection
from ..desk import desk
from ..frame import show
from ..language import said, t
from ..naming import event_name, reason_said, reason_words
from ..rights import needs
from ..told import State, at_place, state, word
from .history import day_limits

bp = Blueprint("deliveries", __name__, url_prefix="/deliveries")

PAGE = 50
EVENTS = ("call.completed", "call.transferred", "appointment.booked", "lead.created")


@bp.get("")
@needs("look")
def page() -> ResponseReturnValue:
    problem, listed = "", operations.Page(deliveries=(), total=0, more=False, next=None)
    try:
        listed = operations.page(desk().db, asked(), limit=PAGE, before=request.args.get("before", ""))
    except OperationError as error:
        problem = problem_text(error)
    return show(
        "deliveries.html",
        listed=listed,
        problem=problem,
        asked={name: request.args.get(name, "") for name in ("event", "state", "handler", "day", "id")},
        events={event: event_name(event) for event in EVENTS},
        states={standing: word(standing) for standing in STANDINGS},
        handlers={each.handler.name: desk().title(each.handler.name) for each in desk().activations()},
        event_name=event_name,
        run_state=run_state,
        run_why=run_why,
        run_said=lambda run: reason_said(run.last_error or ""),
        not_sent=not_sent,
        problems=problems,
        call="call.page" in current_app.view_functions,
    )


def asked() -> Selection:
    """Raises OperationError where an id is nobody's."""
    args = request.args
    since, until = day_limits(args.get("day", ""))
    typed = args.get("id", "").strip()
    ids = [named.id for named in operations.named(desk().db, typed, source=desk().source)] if typed else []
    return Selection(
        source=desk().source,
        ids=tuple(ids),
        event=args.get("event", ""),
        standing=args.get("state", "") if args.get("state") in STANDINGS else "",
        handler=args.get("handler", ""),
        since_us=since or None,
        until_us=until if since else None,
    )


def problem_text(error: OperationError) -> str:
    if isinstance(error, NotFound):
        return t("deliveries_no_such")
    return t("deliveries_several") if isinstance(error, Ambiguous) else said(error.args[0] if error.args else "")


def run_state(run: KeptRun) -> State:
    return at_place(run.standing, desk().title(run.handler))


def run_why(run: KeptRun) -> str:
    """Why it has not arrived, where that is unusual."""
    if run.standing == "half_set":
        return t("run_half_set_why", place=desk().title(run.handler))
    is_unusual = run.last_error and run.standing in ("dead", "retrying", "on_hold")
    return reason_words(run.failure, desk().title(run.handler)) if is_unusual else ""


def not_sent(delivery: KeptDelivery) -> State:
    """Of one that went to no destination."""
    return state("erased" if delivery.erased_us else "kept" if delivery.dispatched_us else "waiting")


def problems(delivery: KeptDelivery) -> str:
    return ", ".join(json.loads(delivery.problems or "[]"))
