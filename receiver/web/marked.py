"""Telling the inbox how each request that carries InboundFlow's mark was answered, whichever route wrote the answer."""

from __future__ import annotations

from typing import Protocol

from flask import Flask, Request, Response, g

from ..inbox import BODY_BYTES, PEN_HEADERS, Answer, is_marked
from .headers import headers_of, the_request


class Noting(Protocol):
    """inbox.Rejections"""

    def note(self, answer: Answer) -> None: ...


def note_answers(app: Flask, answers: Noting) -> None:
    """Have `answers` told. In the request nothing is written, and no refused body is read."""

    @app.after_request
    def note(response: Response) -> Response:
        asked = the_request()
        if asked.method == "POST" and is_marked(headers_of(asked.environ).get):
            answers.note(answer(asked, response))
        return response


def answer(request: Request, response: Response) -> Answer:
    source = (request.view_args or {}).get("source", "")
    if 200 <= response.status_code < 300:
        delivery = g.get("delivery")
        return Answer(source=source, headers={}, organization_id=delivery and delivery.organization_id)
    body = g.get("body")
    return Answer(
        source=source,
        reason=(response.get_json(silent=True) or {}).get("reason") or str(response.status_code),
        headers={name: value for name in PEN_HEADERS if (value := ",".join(request.headers.getlist(name)))},
        body=body if body is not None and len(body) <= BODY_BYTES else None,
    )
