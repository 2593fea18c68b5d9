"""The web application, put together."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask.typing import ResponseReturnValue
from redis import RedisError
from werkzeug.exceptions import HTTPException

from .. import queue
from ..inbox import Inbox, Rejections, Sqlite, migrate
from ..settings import Settings
from ..verify import Verifier
from ..web import health, webhooks

REDIS_CHECK_S = 0.5  # readyz asks; a delivery never does


def create_app(settings: Settings) -> Flask:
    """The application with the inbox that `settings` names. Opens the database: call it after the fork."""
    db = Sqlite(settings.database_path)
    migrate(db)
    inbox = Inbox(db)
    rejections = Rejections(db, lambda: time.time_ns() // 1000)
    rejections.start()
    app = Flask("receiver", static_folder=None)
    verifier = Verifier(
        secrets=settings.secrets.values,
        tolerance_s=settings.tolerance_s,
        strict_bytes=settings.strict_bytes,
        max_body_bytes=settings.max_body_bytes,
    )
    nudge = nudger(settings.nudge_path)
    app.register_blueprint(webhooks(verifier, inbox, rejections, max_body_bytes=settings.max_body_bytes, nudge=nudge))
    app.register_blueprint(health(inbox.probe, {"queue": lambda: redis_problem(settings)}))
    app.register_error_handler(HTTPException, refuse)
    return app


def refuse(error: HTTPException) -> ResponseReturnValue:
    """Routing errors reach no blueprint: the same shape for them."""
    slug = (error.name or "error").lower().replace(" ", "-")
    detail = "Deliveries go to POST /webhooks/inboundflow." if error.code in (404, 405) else error.description or ""
    headers = dict(error.get_response().headers)
    kept = {name: headers[name] for name in ("Allow",) if name in headers}
    return {"status": "rejected", "reason": slug, "detail": detail}, error.code or 400, kept


def nudger(path: Path) -> Callable[[], None]:
    """A function that wakes the dispatcher on this machine, if it is there, and never waits."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.setblocking(False)

    def nudge() -> None:
        with contextlib.suppress(OSError):  # no dispatcher, or one with nudges enough: it looks every second anyway
            sock.sendto(b"", str(path))

    return nudge


def redis_problem(settings: Settings) -> str:
    try:
        with queue.connect(settings.effective_redis_url, timeout_s=REDIS_CHECK_S) as redis:
            redis.ping()
    except (RedisError, OSError, ValueError) as error:
        return f"Redis does not answer ({type(error).__name__}): deliveries are kept, and handled once it does."
    return ""
