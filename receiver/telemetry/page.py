"""`GET /metrics`, in Prometheus' text format, for this machine's own programs and for who has the token."""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections.abc import Callable, Iterable

from flask import Blueprint, Request, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.registry import Collector
from werkzeug.exceptions import NotFound

from ..settings import Secrets
from ..store import Database
from .metrics import DATABASE_UP
from .scrape import Family, Scrape, gauge

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FLUSH_S = 1
FRESH_S = 5  # two scrapers, or one that is impatient, cost the database no more than this
# Any of them says that a proxy on this machine passes a stranger's request on.
FORWARDED = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Server",
    "X-Real-Ip",
    "True-Client-Ip",
    "CF-Connecting-Ip",
    "Fly-Client-Ip",
    "X-Envoy-External-Address",
)


def metrics_routes(look: Callable[[], bytes | None], token: Secrets) -> Blueprint:
    """`look` returns the page, or None where it could not be made in time."""
    bp = Blueprint("metrics", __name__)

    @bp.get("/metrics")
    def metrics() -> ResponseReturnValue:
        if not may_read(request, token):
            raise NotFound
        return look() or NOTHING, 200, {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"}

    return bp


def may_read(request: Request, token: Secrets) -> bool:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and any(hmac.compare_digest(value.strip().encode(), own) for own in token.values):
        return True
    return is_loopback(request.remote_addr) and not any(name in request.headers for name in FORWARDED)


def is_loopback(address: str | None) -> bool:
    """Not a unix socket, which has no address: what connects there is a proxy."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_loopback


class Page:
    """The page of the last few seconds. It blocks, and is for one thread."""

    def __init__(
        self, db: Database, flush: Callable[[], None] = lambda: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.scrape = Scrape(db)
        self.flush = flush  # of what this process has counted
        self.clock = clock
        self.text = b""
        self.made_at = 0.0

    def look(self) -> bytes:
        if not self.text or self.clock() - self.made_at > FRESH_S:
            self.flush()
            self.text, self.made_at = page_of(self.scrape), self.clock()
        return self.text


def page_of(collector: Collector) -> bytes:
    registry = CollectorRegistry()
    registry.register(collector)
    return generate_latest(registry)


class Unreachable(Collector):
    def collect(self) -> Iterable[Family]:
        return [gauge(DATABASE_UP, {(): 0})]


NOTHING = page_of(Unreachable())
