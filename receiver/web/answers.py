"""The answers to a delivery. Those that refuse it have a slug to search for, and a sentence that helps."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from ..errors import NotAccepted
from ..locales import Texts
from ..settings import for_business

PASSED_ON = ("Allow",)
# fmt: off
TEXTS = Texts({
    "elsewhere": ("Deliveries go to POST /webhooks/inboundflow.", "Las entregas van a POST /webhooks/inboundflow."),
})
# fmt: on


def kept(status: str) -> Response:
    """Flask would write one of two answers as JSON again with each delivery."""
    return Response(f'{{"status":"{status}"}}\n', mimetype="application/json")


def refusal(error: NotAccepted) -> ResponseReturnValue:
    return error.answer() | {"detail": for_business(error.detail)}, error.http_status, error.headers


def routing_refusal(error: HTTPException) -> ResponseReturnValue:
    """For a path or a method that no route takes."""
    slug = (error.name or "error").lower().replace(" ", "-")
    is_elsewhere = error.code in (404, 405)
    detail = for_business(TEXTS("elsewhere")) if is_elsewhere else error.description or ""
    headers = dict(error.get_response().headers)
    kept = {name: headers[name] for name in PASSED_ON if name in headers}
    return {"status": "rejected", "reason": slug, "detail": detail}, error.code or 400, kept
