"""Requests to HubSpot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from receiver import RetryLater
from receiver.toolkit import send_json

from .refusals import meaning

if TYPE_CHECKING:
    import httpx

# https://developers.hubspot.com/docs/api-reference/legacy/migration-guide: v1 to v4 end in September 2027. From 2026-09
# on HubSpot refuses a contact that lacks what an administrator requires of people who fill in its form
# (changelog/crm-api-write-validation-enforcement), and a caller cannot give that.
VERSION = "2026-03"
OBJECTS, PROPERTIES, LIMITS = (f"crm/{room}/{VERSION}" for room in ("objects", "properties", "limits"))
ANSWER_BYTES = 1_000_000  # an upsert is answered with all that was written, a summary of 60,000 characters too


class Client:
    def __init__(self, settings: Mapping[str, str]) -> None:
        self.base = settings["HUBSPOT_API_URL"].rstrip("/")
        self.token = settings["HUBSPOT_ACCESS_TOKEN"]

    @property
    def account(self) -> tuple[str, str]:
        """What tells accounts apart in what is remembered of them until the process ends."""
        return self.base, self.token

    def upsert(self, kind: str, key: str, value: str, properties: Mapping[str, Any]) -> httpx.Response:
        """The answer to writing the one object whose unique property `key` is `value`, which is made or updated."""
        body = {"inputs": [{"idProperty": key, "id": value, "properties": properties}]}
        return self.send("POST", f"{OBJECTS}/{kind}/batch/upsert", body)

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


def id_of(answer: httpx.Response, key: str) -> str:
    """The id in the answer to an upsert."""
    body = accepted(answer, key=key)
    if not isinstance(body, dict) or not body.get("results"):
        raise RetryLater("HubSpot's answer to an upsert names no object")
    return str(body["results"][0]["id"])


def existing(body: Any) -> str:
    """The id in `Contact already exists. Existing ID: 1001`, else ""."""
    message = str(body.get("message", "")) if isinstance(body, dict) else ""
    match = re.search(r"Existing ID: ([0-9]{1,20})", message)
    return match[1] if match else ""


def accepted(answer: httpx.Response, *, key: str = "") -> Any:
    """The JSON of an answer that says yes to all that was asked; else raise what becomes of the run."""
    body = read(answer)
    if answer.status_code == 207 and isinstance(body, dict) and (errors := body.get("errors")):
        raise meaning(207, errors[0] if isinstance(errors[0], dict) else {}, answer.headers, key)
    if not 200 <= answer.status_code < 300:
        raise meaning(answer.status_code, body_of(answer), answer.headers, key)
    if answer.content and body is None:
        raise RetryLater("HubSpot answered with something other than JSON")
    return body


def body_of(answer: httpx.Response) -> dict[str, Any]:
    """What it says, where that is an object."""
    body = read(answer)
    return body if isinstance(body, dict) else {}


def read(answer: httpx.Response) -> Any:
    try:
        return answer.json() if answer.content else None
    except (ValueError, RecursionError):
        return None
