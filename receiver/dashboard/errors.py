"""The page that says why there is no page."""

from __future__ import annotations

import logging
from types import TracebackType

from flask import Flask, g, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from ..errors import NotFound, OperationError, StoreError
from .desk import desk

log = logging.getLogger("receiver.dashboard")

KINDS = {401: "forbidden", 403: "forbidden", 404: "not_found", 405: "not_found", 413: "large"}
STATUS = {
    "away": 503,
    "right": 403,
    "form": 400,
    "forbidden": 403,
    "proxy": 403,
    "not_found": 404,
    "large": 413,
    "trouble": 500,
}
LOOK_AGAIN_S = 10
COMMIT_S = 1


def install(app: Flask) -> None:
    app.register_error_handler(CSRFError, lambda _: refuse("form"))
    app.register_error_handler(StoreError, away)
    app.register_error_handler(NotFound, lambda _: refuse("not_found"))
    app.register_error_handler(OperationError, lambda _: refuse("not_found"))
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, failed)


def refused(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error.get_response()
    return refuse(KINDS.get(error.code or 500, "trouble"), error.code)


def away(error: StoreError) -> ResponseReturnValue:
    log.warning("a page could not be read: %s", error)
    return refuse("away")


def failed(error: Exception) -> ResponseReturnValue:
    """A mistake of ours: its place, without what the caller said."""
    trace: TracebackType | None = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "an unknown place"
    log.error("a page failed: %s at %s", type(error).__name__, place)
    return refuse("trouble")


def refuse(kind: str, status: int | None = None) -> ResponseReturnValue:
    why = f"away_{'kept' if can_keep() else 'refused'}" if kind == "away" else f"{kind}_why"
    every = LOOK_AGAIN_S if kind == "away" else 0
    g.is_plain = kind in ("away", "trouble")
    page = render_template("error.html", title=f"error_{kind}", why=f"error_{why}", kind=kind, every=every)
    headers = {"Retry-After": str(LOOK_AGAIN_S)} if kind == "away" else {}
    return page, status or STATUS[kind], headers


def can_keep() -> bool:
    """Whether deliveries are kept while pages cannot be read."""
    try:
        desk().db.commit(lambda tx: None, timeout_s=COMMIT_S)
    except StoreError:
        return False
    return True
