"""The first run: what to paste into InboundFlow, and whether its test has come."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, current_app, render_template, request, session
from flask.typing import ResponseReturnValue

from ... import operations
from ..desk import desk
from ..frame import show
from ..naming import event_name
from ..rights import needs
from ..sessions import SignedIn
from .connection import cure, explained, is_here_only, made_here, reason_text

bp = Blueprint("connect", __name__, url_prefix="/connect")

LOOK_EVERY_S = 2
STEPS = 6


@bp.get("")
@needs("look")
def page() -> ResponseReturnValue:
    return draw("")


@bp.post("/secret")
@needs("see settings")
def secret() -> ResponseReturnValue:
    """Where this machine has made it: nobody else can tell it."""
    if not made_here():
        return draw("")
    by = session.by if isinstance(session, SignedIn) else operations.NOBODY
    operations.note_look(desk().db, by, "show-secret", {}, source=desk().source)
    return draw(operations.made_secret(desk().settings).decode(errors="replace"))


def draw(secret: str) -> ResponseReturnValue:
    db, source = desk().db, desk().source
    last, refused = operations.last_delivery(db, source), operations.refused(db, source)
    values = {
        "address": address(),
        "warning": warning(),
        "here_only": is_here_only(),
        "secret": secret,
        "made_here": made_here(),
        "steps": STEPS,
        "last": last,
        "refused": refused if refused.last_us > (last.received_us if last else 0) else None,
        "why": explained(db),
        "reason_text": reason_text,
        "cure": cure,
        "event_name": event_name,
        "pages": current_app.view_functions,
    }
    if secret:
        return render_template("connect.html", every=0, **values)
    return show("connect.html", every=LOOK_EVERY_S, **values)


def address() -> str:
    """Of the webhook, by the name under which this page was opened."""
    return f"{request.host_url.rstrip('/')}{operations.path_of(desk().source)}"


def warning() -> str:
    """The name of the text that says why InboundFlow cannot use this address; "" where it can."""
    if is_here_only():
        return "connect_here_only"
    return "" if urlsplit(request.url).scheme == "https" else "connect_http"
