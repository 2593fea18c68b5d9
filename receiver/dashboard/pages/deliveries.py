"""All deliveries, for whoever runs the receiver: by time, event, state, destination, or the beginning of an id."""

from __future__ import annotations

import json

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from ... import operations
from ...errors import OperationError
from ...operations import STATES, KeptDelivery, Selection
from ..desk import desk
from ..frame import show
from ..language import t
from ..rights import needs
from ..texts import all_texts
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
        problem = str(error)
    return show(
        "deliveries.html",
        listed=listed,
        problem=problem,
        asked={name: request.args.get(name, "") for name in ("event", "state", "handler", "day", "id")},
        events=EVENTS,
        states=STATES,
        handlers=sorted(activation.handler.name for activation in desk().activations()),
        state_text=state_text,
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
        state=args.get("state", "") if args.get("state") in STATES else "",
        handler=args.get("handler", ""),
        since_us=since or None,
        until_us=until if since else None,
    )


def state_text(state: str) -> str:
    name = f"deliveries_state_{state}"
    return t(name) if name in all_texts() else state


def problems(delivery: KeptDelivery) -> str:
    return ", ".join(json.loads(delivery.problems or "[]"))
