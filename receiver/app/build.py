"""The web application, put together."""

from __future__ import annotations

import contextlib
import logging

from flask import Flask
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from .. import inbox, operations, queue, store
from ..errors import StoreError
from ..settings import Settings
from ..verify import Verifier
from ..web import health, webhooks

log = logging.getLogger("receiver.app")

REDIS_CHECK_S = 0.5  # readyz asks; a delivery never does


def create_app(settings: Settings) -> Flask:
    """The application with the inbox that `settings` names. Opens the database: call it after the fork."""
    db = open_inbox(settings)
    kept = inbox.Inbox(db)
    rejections = inbox.Rejections(db)
    rejections.start()
    app = Flask("receiver", static_folder=None)
    verifier = Verifier(
        secrets=settings.secrets.values,
        tolerance_s=settings.tolerance_s,
        strict_bytes=settings.strict_bytes,
        max_body_bytes=settings.max_body_bytes,
    )
    limit = settings.max_body_bytes
    app.register_blueprint(webhooks(verifier, kept, rejections, max_body_bytes=limit, nudge=db.nudge))
    degraded = {
        "inbox": lambda: operations.damage(db),
        "queue": lambda: redis_problem(settings),
        "worker": lambda: worker_problem(db),
    }
    app.register_blueprint(health(kept.probe, degraded))
    app.register_error_handler(HTTPException, refuse)
    return app


def open_inbox(settings: Settings) -> store.Database:
    """The inbox, its tables seen to. A database that is away stops nothing, as it will be back.

    Raises ConfigurationError where the tables of a shared one are not there.
    """
    db = store.connect(settings)
    try:
        store.ensure_schema(db)
    except StoreError as error:
        log.warning("the inbox does not answer (%s): until it does, deliveries are refused with 503", error)
    return db


def refuse(error: HTTPException) -> ResponseReturnValue:
    """Routing errors reach no blueprint: the same shape for them."""
    slug = (error.name or "error").lower().replace(" ", "-")
    detail = "Deliveries go to POST /webhooks/inboundflow." if error.code in (404, 405) else error.description or ""
    headers = dict(error.get_response().headers)
    kept = {name: headers[name] for name in ("Allow",) if name in headers}
    return {"status": "rejected", "reason": slug, "detail": detail}, error.code or 400, kept


def worker_problem(db: store.Database) -> str:
    with contextlib.suppress(StoreError):  # the probe tells of it
        if waiting := inbox.undispatched_count(db):
            return f"No worker runs: {waiting} deliveries are kept, and wait for one."
    return ""


def redis_problem(settings: Settings) -> str:
    found = queue.check(settings, timeout_s=REDIS_CHECK_S)
    return f"{found}. Deliveries are kept, and handled in time." if found else ""
