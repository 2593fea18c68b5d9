"""The route that matters: read the delivery, keep it, say whether it was new."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers

from ..errors import NotAccepted, NotStored, RejectedRequest
from ..events import Delivery
from ..inbox import Rejections
from .body import left_s, read_body

log = logging.getLogger("receiver.web")

FACTS = ("X-InboundFlow-Event", "X-InboundFlow-Delivery-Id", "X-InboundFlow-Timestamp", "User-Agent", "Content-Type")


class Reader(Protocol):
    def read(self, headers: Headers, body: bytes) -> Delivery: ...


class Keeper(Protocol):
    def keep(self, delivery: Delivery, *, timeout_s: float) -> str: ...

    def knows(self, source: str, key: str) -> bool: ...


def webhooks(
    verifier: Reader, inbox: Keeper, rejections: Rejections, *, max_body_bytes: int, nudge: Callable[[], None]
) -> Blueprint:
    """The blueprint that receives deliveries. `nudge` tells the dispatcher, without waiting for it."""
    bp = Blueprint("webhooks", __name__)

    @bp.post("/webhooks/inboundflow")
    def receive() -> ResponseReturnValue:
        delivery = verifier.read(request.headers, read_body(request, max_body_bytes))
        status = known(inbox, delivery) if delivery.stale else inbox.keep(delivery, timeout_s=left_s(request))
        nudge()
        return {"status": status}, 200

    @bp.errorhandler(NotAccepted)
    def refuse(error: NotAccepted) -> ResponseReturnValue:
        if isinstance(error, RejectedRequest):
            rejections.count(error.reason, facts(request.headers))
        else:
            log.error("a delivery could not be stored: %s", error.__cause__)
        return error.answer(), error.http_status, error.headers

    @bp.errorhandler(Exception)
    def fail(error: Exception) -> ResponseReturnValue:
        """A mistake of ours: 503, so that it is sent again, and the place, without what the caller said."""
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        log.error("%s at %s", type(error).__name__, trace and f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        return NotStored().answer(), NotStored.http_status, NotStored().headers

    return bp


def known(inbox: Keeper, delivery: Delivery) -> str:
    """`duplicate` for a correctly signed delivery that came too late to be new. Raises why it is refused."""
    if delivery.stale and not inbox.knows(delivery.source, delivery.key):
        raise delivery.stale
    return "duplicate"


def facts(headers: Headers) -> dict[str, str]:
    return {name: value[:200] for name in FACTS if (value := headers.get(name))}
