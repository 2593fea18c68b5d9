"""What is counted, and shown at /metrics. The core knows nothing of it: `app` and `cli` pass its observers in.

The front door loads neither Flask nor Prometheus' client, as the worker needs none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ..settings import Secrets
from ..store import Database
from .metrics import METRICS, Metric
from .observers import WebObserver, WorkerObserver

if TYPE_CHECKING:
    from flask import Blueprint

__all__ = ["METRICS", "Metric", "WebObserver", "WorkerObserver", "metrics_look", "metrics_routes"]


def metrics_look(db: Database, observer: WebObserver) -> Callable[[], bytes]:
    """Makes the page of /metrics. It blocks: for a thread of its own."""
    from .page import FLUSH_S, Page

    return Page(db, flush=partial(observer.counts.flush, FLUSH_S)).look


def metrics_routes(look: Callable[[], bytes | None], token: Secrets) -> Blueprint:
    """`look` returns the page, or None where it could not be made in time."""
    from . import page

    return page.metrics_routes(look, token)
