"""What the API answers where it does not answer what was asked: problem details (RFC 9457) with a stable `reason`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from flask import Response

TYPE = "application/problem+json"


class Busy(Exception):
    """All places are taken."""


class Problem(Exception):
    def __init__(self, status: int, reason: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.reason = reason
        self.detail = detail
        self.headers = headers or {}

    def answer(self) -> Response:
        document = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "reason": self.reason,
            "detail": self.detail,
        }
        return Response(f"{json.dumps(document)}\n", self.status, self.headers, content_type=TYPE)


def not_valid(name: str, detail: str) -> Problem:
    return Problem(400, "parameter-not-valid", f"{name}: {detail}")


def come_again(status: int, reason: str, detail: str, after_s: int) -> Problem:
    return Problem(status, reason, detail, {"Retry-After": str(after_s)})


def busy() -> Problem:
    return come_again(503, "busy", "Others are being answered. Ask again.", 1)
