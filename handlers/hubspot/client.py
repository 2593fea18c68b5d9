"""Requests to HubSpot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from receiver import RetryLater
from receiver.toolkit import send_json

from .refusals import meaning

if TYPE_CHECKING:
    import httpx

ANSWER_BYTES = 1_000_000  # an upsert is answered with all that was written, a summary of 60,000 characters too


class Client:
    def __init__(self, settings: Mapping[str, str]) -> None:
        self.base = settings["HUBSPOT_API_URL"].rstrip("/")
        self.token = settings["HUBSPOT_ACCESS_TOKEN"]

    def ask(self, method: str, path: str, body: Any = None, *, may_exist: bool = False) -> Any:
        """The answer as JSON; None where it has none, or says with 409 that the thing exists and it may."""
        answer = self.send(method, path, body)
        if may_exist and answer.status_code == 409:
            return None
        return accepted(answer, key=unique_property(body))

    def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """The answer, whatever it says."""
        return send_json(method, f"{self.base}/{path}", body, token=self.token, answer_bytes=ANSWER_BYTES)


def unique_property(body: Any) -> str:
    """The property that an upsert goes by, "" for anything else."""
    inputs = body.get("inputs") if isinstance(body, dict) else None
    return str(inputs[0].get("idProperty", "")) if inputs else ""


def accepted(answer: httpx.Response, *, key: str = "") -> Any:
    """The JSON of an answer that says yes to all that was asked; else raise what becomes of the run."""
    body = read(answer)
    if answer.status_code == 207 and isinstance(body, dict) and (errors := body.get("errors")):
        raise meaning(207, errors[0] if isinstance(errors[0], dict) else {}, answer.headers, key)
    if not 200 <= answer.status_code < 300:
        raise meaning(answer.status_code, body if isinstance(body, dict) else {}, answer.headers, key)
    if answer.content and body is None:
        raise RetryLater("HubSpot answered with something other than JSON")
    return body


def read(answer: httpx.Response) -> Any:
    try:
        return answer.json() if answer.content else None
    except (ValueError, RecursionError):
        return None
