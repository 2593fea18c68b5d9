"""Telling an observer how each request to the webhook's route was answered, and how long that took."""

from __future__ import annotations

import logging
import time
from typing import NamedTuple, Protocol

from flask import Blueprint, Response, g, request

from ..events import Delivery
from .body import client_of

log = logging.getLogger("receiver.web")


class Answered(NamedTuple):
    answer: str  # stored, duplicate, rejected, unavailable
    reason: str  # the slug of a refusal; "" of a delivery that is kept
    delivery: Delivery | None  # None where the request was not verified
    seconds: float  # from its first byte
    source: str = ""  # one that there is

    @property
    def is_kept(self) -> bool:
        return not self.reason


class Observer(Protocol):
    """It is called in the loop of all requests: it counts, and neither writes nor waits."""

    def answered(self, answered: Answered) -> None: ...


def observe_answers(bp: Blueprint, observer: Observer) -> Blueprint:
    """A mistake of the observer's must not become the answer to a delivery that is stored."""

    @bp.after_request
    def tell(response: Response) -> Response:
        if request.method == "POST" and response.status_code != 404:  # anybody may make names of sources up
            try:
                observer.answered(answered(response))
            except Exception as error:
                log.error("an answer was not counted", exc_info=error)
        return response

    return bp


def answered(response: Response) -> Answered:
    seconds = max(0.0, time.monotonic() - client_of(request).began)
    return Answered(*outcome(response), g.get("delivery"), seconds, (request.view_args or {}).get("source", ""))


def outcome(response: Response) -> tuple[str, str]:
    """What was answered, and why where that is a refusal."""
    if response.status_code < 300:
        return g.kept, ""
    document = response.get_json(silent=True) or {}
    return document.get("status", "rejected"), document.get("reason", str(response.status_code))
