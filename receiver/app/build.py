"""The web application, put together."""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Mapping
from functools import lru_cache, partial

from flask import Flask
from werkzeug.exceptions import HTTPException

from .. import inbox, operations, queue, store
from ..errors import StoreError
from ..settings import Settings
from ..telemetry import WebObserver, metrics_look, metrics_routes
from ..verify import Budget, Verifier
from ..web import Application, health_routes, note_answers, observe_answers, routing_refusal, webhook_routes
from . import alarm
from .apart import LargeApart, look_apart, run_apart, thread
from .api import with_api
from .known import KnownSources
from .pages import with_dashboard

log = logging.getLogger("receiver.app")

END_S = 1  # for what was counted since the last time; a process that ends later than this is killed at a deploy
METRICS_S = 3  # for /metrics; Prometheus gives up after 10
VERIFIERS = 2000  # in hand: one for each source
REDIS_CHECK_S = 0.5  # readyz asks; a delivery never does


def create_app(settings: Settings, bell: store.Bell | None = None, env: Mapping[str, str] | None = None) -> Flask:
    """The application with the inbox that `settings` names. Opens the database: call it after the fork.

    `bell` wakes the requests that wait for another thread, where they are not threads themselves. `env` holds the
    variables of alerts, traces and error reports, else the process's environment does.
    """
    db = open_inbox(settings, bell)
    deliveries = inbox.Inbox(db)
    rejections = inbox.Rejections(db)
    db.start()  # what is refused last is written when the process ends, perhaps as its first commit
    rejections.start()
    env = os.environ if env is None else env
    alarm.start(settings, db, deliveries.probe, env)
    observer = WebObserver(db, env)
    atexit.register(end, rejections, observer, db)
    verifier = partial(
        Verifier, strict_bytes=settings.strict_bytes, max_body_bytes=settings.max_body_bytes, budget=Budget()
    )
    large = thread(bell)
    verifier_of = lru_cache(VERIFIERS)(lambda source: LargeApart(verifier(source), large))
    sources = KnownSources(db, settings)
    sources.start()
    check_redis = partial(queue.check, settings, timeout_s=REDIS_CHECK_S)
    look = partial(look_apart, thread(bell), partial(operations.degraded, db, check_redis))
    app = Application("receiver", static_folder=None)
    note_answers(app, rejections)
    webhooks = webhook_routes(
        sources,
        deliveries,
        rejections,
        verifier_of=verifier_of,
        max_body_bytes=settings.max_body_bytes,
    )
    app.register_blueprint(observe_answers(webhooks, observer))
    app.register_blueprint(health_routes(deliveries.probe, look))
    look_at_metrics = partial(run_apart, thread(bell), metrics_look(db, observer), METRICS_S)
    app.register_blueprint(metrics_routes(look_at_metrics, settings.metrics_token))
    app.register_error_handler(HTTPException, routing_refusal)  # routing errors reach no blueprint
    if settings.dashboard_password:
        app.wsgi_app = with_dashboard(app.wsgi_app, settings, db, bell)  # type: ignore[assignment, method-assign]
    app.wsgi_app = with_api(app.wsgi_app, settings, db, bell)  # type: ignore[assignment, method-assign]
    return app


def open_inbox(settings: Settings, bell: store.Bell | None = None) -> store.Database:
    """The inbox, its tables seen to. A database that is away stops nothing, as it will be back.

    Raises ConfigurationError where the tables of a shared one are not there.
    """
    db = store.connect(settings, bell=bell)
    try:
        store.ensure_schema(db)
    except StoreError as error:
        why = operations.typed(operations.why_unstored(error))
        log.warning("the inbox does not answer (%s): until it does, deliveries are refused with 503. %s", error, why)
    return db


def end(rejections: inbox.Rejections, observer: WebObserver, db: store.Database) -> None:
    """When the process ends, all requests answered: write what was counted last. A database that hangs is left."""
    rejections.flush(END_S)
    observer.end(END_S)
    db.close()
