"""The route that matters: read the delivery, keep it, say whether it was new."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, NotFound

from ..errors import NotAccepted, NotStored, RejectedRequest
from ..events import Delivery
from ..logs import at, of_delivery
from ..sources import Source
from . import answers
from .body import read_body, remaining_s
from .headers import headers_of, the_request

log = logging.getLogger("receiver.web")

# Of a rejected request; never the signature.
SAMPLED_HEADERS = (
    "X-InboundFlow-Event",
    "X-InboundFlow-Delivery-Id",
    "X-InboundFlow-Timestamp",
    "User-Agent",
    "Content-Type",
)
HEADER_CHARS = 200


class Sources(Protocol):
    def get(self, name: str, /) -> Source | None: ...


class Reader(Protocol):
    """verify.Verifier"""

    def read(self, headers: Mapping[str, str], body: bytes) -> Delivery: ...


class Keeper(Protocol):
    """inbox.Inbox"""

    def keep(self, delivery: Delivery, *, timeout_s: float) -> str: ...


class RejectionCounter(Protocol):
    """inbox.Rejections"""

    def count(self, reason: str, headers: Mapping[str, str], *, source: str) -> None: ...


def webhook_routes(
    sources: Sources,
    inbox: Keeper,
    rejections: RejectionCounter,
    *,
    verifier_of: Callable[[Source], Reader],
    max_body_bytes: int,
) -> Blueprint:
    """The blueprint that receives deliveries, each checked by the verifier of its source."""
    bp = Blueprint("webhooks", __name__)

    @bp.post("/webhooks/inboundflow", defaults={"source": ""})
    @bp.post("/webhooks/inboundflow/<source>")
    def receive(source: str) -> ResponseReturnValue:
        verifier, asked = verifier_of(resolve(sources, source)), the_request()
        body = g.body = read_body(asked, max_body_bytes)  # for marked.py, and what is in g below for observed.py too
        delivery = g.delivery = verifier.read(headers_of(asked.environ), body)
        g.kept = inbox.keep(delivery, timeout_s=remaining_s(asked))
        return answers.KEPT[g.kept]

    @bp.errorhandler(NotAccepted)
    def refuse(error: NotAccepted) -> ResponseReturnValue:
        if isinstance(error, RejectedRequest):
            rejections.count(error.reason, sampled_headers(request.headers), source=(request.view_args or {})["source"])
        else:
            delivery = g.get("delivery")
            what = at("a delivery", delivery.source if delivery else "")
            log.error("%s could not be stored: %s", what, error.__cause__, extra=about(delivery))
        return answers.refusal(error)

    @bp.errorhandler(Exception)
    def fail(error: Exception) -> ResponseReturnValue:
        """A mistake of ours: 503, so that it is sent again; the log has the place, without what the caller said."""
        log.error("a mistake of ours", exc_info=error, extra=about(g.get("delivery")))
        return answers.refusal(NotStored())

    bp.register_error_handler(HTTPException, answers.routing_refusal)
    return bp


def resolve(sources: Sources, name: str) -> Source:
    """Raises NotFound for a name that is no source's; it is not counted, as anybody may make names up."""
    source = sources.get(name)
    if source is None:
        raise NotFound
    return source


def about(delivery: Delivery | None) -> Mapping[str, object]:
    """What a line of the log is about, where that is known."""
    return of_delivery(delivery.key, delivery.call_id, source=delivery.source) if delivery else {}


def sampled_headers(headers: Headers) -> dict[str, str]:
    return {name: value[:HEADER_CHARS] for name in SAMPLED_HEADERS if (value := headers.get(name))}
