"""Requests to HubSpot, and what its answers mean for a run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import httpx

from receiver import GiveUp, Pause, RetryLater
from receiver.toolkit import check_status, retry_after_s, send_json

ANSWER_BYTES = 1_000_000  # an upsert is answered with all that was written, a summary of 60,000 characters too
SETUP = "receiver setup hubspot"
RESUME = "receiver resume hubspot.keep_contact"
DAILY_S, BUSY_S, LOCKED_S = 3600, 10, 2


class Client:
    def __init__(self, settings: Mapping[str, str]) -> None:
        self.base = settings["HUBSPOT_API_URL"].rstrip("/")
        self.token = settings["HUBSPOT_ACCESS_TOKEN"]

    def ask(self, method: str, path: str, body: Any = None, *, there_is_fine: bool = False) -> Any:
        """The answer as JSON; None where it has none, or says with 409 that the thing exists and that is fine."""
        answer = self.send(method, path, body)
        if there_is_fine and answer.status_code == 409:
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
    said = read(answer)
    if answer.status_code == 207 and isinstance(said, dict) and (errors := said.get("errors")):
        refused(207, errors[0] if isinstance(errors[0], dict) else {}, answer.headers, key)
    if 200 <= answer.status_code < 300:
        if answer.content and said is None:
            raise RetryLater("HubSpot answered with something other than JSON")
        return said
    refused(answer.status_code, said if isinstance(said, dict) else {}, answer.headers, key)


def read(answer: httpx.Response) -> Any:
    try:
        return answer.json() if answer.content else None
    except (ValueError, RecursionError):
        return None


def refused(status: int, said: dict[str, Any], headers: Mapping[str, str], key: str) -> NoReturn:
    """Raise what a refusal means; nothing of it is repeated but codes and names of scopes."""
    found = codes(said)
    reason = " ".join(["HubSpot answered", str(status), *sorted(found)])
    wait_s = retry_after_s(headers)
    if status == 429 or "RATE_LIMITS" in found:
        daily = str(said.get("policyName", "")).upper() == "DAILY"
        reason += ": the requests of a day are used up" if daily else ""
        raise RetryLater(reason, delay_s=max(DAILY_S if daily else 0, wait_s or BUSY_S), cooldown=True)
    if status == 423:
        raise RetryLater(reason, delay_s=max(LOCKED_S, wait_s or 0))
    if status == 477:
        raise RetryLater(f"{reason}: the account is being moved", delay_s=wait_s, cooldown=True)
    if "MISSING_SCOPES" in found:
        names = ", ".join(scopes(said)) or "a scope"
        raise Pause(f"{reason}: the private app lacks {names}: add it, then {SETUP} and {RESUME}")
    if lacks_property(status, found, said, key):
        raise Pause(f"{reason}: a property of ours is missing or not unique: {SETUP}, then {RESUME}")
    if status in (401, 403):
        raise Pause(f"{reason}: HUBSPOT_ACCESS_TOKEN is not valid, or may not do this")
    if status == 404 or "OBJECT_NOT_FOUND" in found:
        raise GiveUp(f"{reason}: what was to be changed is not there (any more)")
    if status == 409:
        raise RetryLater(f"{reason}: somebody else changed it at the same moment")
    if status == 207 and "VALIDATION_ERROR" not in found:
        raise RetryLater(reason)
    if status == 207:
        raise GiveUp(reason)
    check_status(status, headers, what=f"HubSpot ({', '.join(sorted(found))})" if found else "HubSpot")
    raise RetryLater(reason)


def lacks_property(status: int, found: set[str], said: dict[str, Any], key: str) -> bool:
    if found & {"PROPERTY_DOESNT_EXIST", "PROPERTY_NOT_FOUND"}:
        return True
    message = str(said.get("message", ""))  # of an upsert: "Unable to perform update/upsert by non-unique 0-1 property"
    return status in (207, 400) and key.startswith("inboundflow_") and ("non-unique" in message or key in message)


def codes(said: dict[str, Any]) -> set[str]:
    """The codes in an error: its category, those of its parts, and those in the list that a message may hold."""
    parts = [said, *listed(said.get("errors")), *in_message(str(said.get("message", "")))]
    found = {str(part.get(name)) for part in parts for name in ("category", "subCategory", "code", "error")}
    return {code for code in found if re.fullmatch(r"[A-Z][A-Z0-9_]{2,59}", code)}


def in_message(message: str) -> list[dict[str, Any]]:
    """`Property values were not valid: [{"error": "PROPERTY_DOESNT_EXIST", …}]`: the list in it."""
    before, bracket, rest = message.partition("[")
    if before.strip() != "Property values were not valid:":
        return []
    try:
        return listed(json.loads(bracket + rest))
    except (ValueError, RecursionError):
        return []


def scopes(said: dict[str, Any]) -> list[str]:
    """The names of the scopes that an error says are lacking."""
    contexts = [part.get("context") for part in [said, *listed(said.get("errors"))]]
    named = [
        scope
        for context in contexts
        if isinstance(context, dict)
        for name in ("requiredGranularScopes", "requiredScopes")
        for scope in context.get(name) or []
    ]
    return sorted({scope for scope in named if re.fullmatch(r"[a-z0-9._-]{3,80}", str(scope))})


def listed(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
