"""The web application, put together."""

from __future__ import annotations

import atexit
import contextlib
import logging
from functools import partial

from flask import Flask
from werkzeug.exceptions import HTTPException

from .. import inbox, operations, queue, store
from ..errors import StoreError
from ..operations import single_source
from ..settings import Settings
from ..verify import Budget, Verifier
from ..web import health_routes, note_answers, routing_refusal, webhook_routes

log = logging.getLogger("receiver.app")

END_S = 1  # for what was counted since the last time; a process that ends later than this is killed at a deploy
CLOCK_SHOWN_S = 3600
REDIS_CHECK_S = 0.5  # readyz asks; a delivery never does


def create_app(settings: Settings) -> Flask:
    """The application with the inbox that `settings` names. Opens the database: call it after the fork."""
    db = open_inbox(settings)
    deliveries = inbox.Inbox(db)
    rejections = inbox.Rejections(db)
    db.start()  # what is refused last is written when the process ends, perhaps as its first commit
    rejections.start()
    atexit.register(end, rejections, db)
    verifier_of = partial(
        Verifier, strict_bytes=settings.strict_bytes, max_body_bytes=settings.max_body_bytes, budget=Budget()
    )
    degraded = {
        "inbox": lambda: operations.damage(db),
        "queue": lambda: redis_problem(settings) or worker_redis_problem(db),
        "worker": lambda: worker_problem(db),
        "clock": lambda: clock_problem(db),
        "lives": lambda: operations.lives_problem(db),
    }
    app = Flask("receiver", static_folder=None)
    note_answers(app, rejections)
    app.register_blueprint(
        webhook_routes(
            {"": single_source(settings)},
            deliveries,
            rejections,
            verifier_of=verifier_of,
            max_body_bytes=settings.max_body_bytes,
        )
    )
    app.register_blueprint(health_routes(deliveries.probe, degraded))
    app.register_error_handler(HTTPException, routing_refusal)  # routing errors reach no blueprint
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


def end(rejections: inbox.Rejections, db: store.Database) -> None:
    """When the process ends, all requests answered: write what was refused last. A database that hangs is left."""
    rejections.flush(END_S)
    db.close()


def worker_problem(db: store.Database) -> str:
    with contextlib.suppress(StoreError):  # the probe reports it
        if waiting := inbox.undispatched_count(db):
            return f"No worker runs: {waiting} deliveries are kept, and wait for one."
        if ends := inbox.troubles(db).get(inbox.PROCESSES):
            return f"The worker: {ends}. What that is for waits; the worker's log says more."
    return ""


def clock_problem(db: store.Database) -> str:
    odd = operations.clock_oddities(db, within_s=CLOCK_SHOWN_S)
    return f"The clock: {odd}. What to do: {operations.KEEP_TIME}." if odd else ""


def worker_redis_problem(db: store.Database) -> str:
    """What this process does not see: the worker may have another address, or another way to it."""
    with contextlib.suppress(StoreError):
        if problem := inbox.troubles(db).get(inbox.REDIS):
            return f"The worker says: {problem}. Deliveries are kept, and wait until it is fixed."
    return ""


def redis_problem(settings: Settings) -> str:
    problem = queue.check(settings, timeout_s=REDIS_CHECK_S)
    return f"{problem}. Deliveries are kept, and handled in time." if problem else ""
