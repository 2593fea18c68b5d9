"""The answers to a delivery. Those that refuse it have a slug to search for, and a sentence that helps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from ..errors import NotAccepted
from ..locales import Texts
from ..settings import for_business

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PASSED_ON = ("Allow",)
# fmt: off
TEXTS = Texts({
    "of_businesses": ("Nothing is received at this address: each business has one of its own, which ends in "
                  "/webhooks/inboundflow/NAME.",
                  "En esta dirección no se recibe nada: cada negocio tiene la suya, que termina en "
                  "/webhooks/inboundflow/NOMBRE."),
    "elsewhere": ("Deliveries go to POST /webhooks/inboundflow.", "Las entregas van a POST /webhooks/inboundflow."),
})
# fmt: on


class Kept(Response):
    """One of the two answers to a delivery that is kept: made once, as Flask would write each of them anew."""

    def __init__(self, status: str) -> None:
        super().__init__(f'{{"status":"{status}"}}\n', mimetype="application/json")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(self.status, self.headers.to_wsgi_list())
        return self.iter_encoded()


KEPT = {status: Kept(status) for status in ("stored", "duplicate")}


def refusal(error: NotAccepted) -> ResponseReturnValue:
    return error.answer() | {"detail": for_business(error.detail)}, error.http_status, error.headers


def routing_refusal(error: HTTPException) -> ResponseReturnValue:
    """For a path or a method that no route takes."""
    slug = (error.name or "error").lower().replace(" ", "-")
    is_plain = error.code == 404 and (request.view_args or {}).get("source") == ""
    text = TEXTS("of_businesses" if is_plain else "elsewhere")
    detail = for_business(text) if error.code in (404, 405) else error.description or ""
    headers = dict(error.get_response().headers)
    kept = {name: headers[name] for name in PASSED_ON if name in headers}
    return {"status": "rejected", "reason": slug, "detail": detail}, error.code or 400, kept
