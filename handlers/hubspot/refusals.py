"""What HubSpot's refusals mean for a run; nothing of them is repeated but codes and names of scopes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from receiver import GiveUp, Pause, RetryLater
from receiver.toolkit import FieldsRefused, Refusal, refusal, retry_after_s

SETUP = "receiver setup hubspot"
RESUME = "receiver resume hubspot.keep_contact"
STAGE = "lifecyclestage"
DAILY_S, BUSY_S, LOCKED_S = 3600, 10, 2


class KeyNotUnique(Pause):
    """HubSpot makes no upsert by a property of ours: it is missing, or may stand in several objects."""


class StageRefused(GiveUp):
    """The account has no such lifecycle stage: an administrator may rename and remove them."""


def meaning(status: int, body: dict[str, Any], headers: Mapping[str, str], key: str) -> Refusal:
    """What to raise for an error; `key` is the unique property that an upsert went by, "" for anything else."""
    error_codes = codes(body)
    reason = " ".join(["HubSpot answered", str(status), *sorted(error_codes)])
    return (
        busy(status, body, headers, error_codes, reason)
        or lacking(status, body, error_codes, reason, key)
        or about_this_record(status, body, error_codes, reason)
        or refusal(status, headers, what=f"HubSpot ({', '.join(sorted(error_codes))})" if error_codes else "HubSpot")
    )


def busy(
    status: int, body: dict[str, Any], headers: Mapping[str, str], error_codes: set[str], reason: str
) -> Refusal | None:
    """What passes by itself."""
    wait_s = retry_after_s(headers)
    if status == 429 or "RATE_LIMITS" in error_codes:
        daily = str(body.get("policyName", "")).upper() == "DAILY"
        reason += ": the requests of a day are used up" if daily else ""
        return RetryLater(reason, delay_s=max(DAILY_S if daily else 0, wait_s or BUSY_S), cooldown=True)
    if status == 423:
        return RetryLater(reason, delay_s=max(LOCKED_S, wait_s or 0))
    if status == 477:
        return RetryLater(f"{reason}: the account is being moved", delay_s=wait_s, cooldown=True)
    return None


def lacking(status: int, body: dict[str, Any], error_codes: set[str], reason: str, key: str) -> Refusal | None:
    """What every next call would be refused for too, until somebody changes it at HubSpot or here."""
    if "MISSING_SCOPES" in error_codes:
        names = ", ".join(scopes(body)) or "a scope"
        return Pause(f"{reason}: the service key (or private app) lacks {names}: add it, then {SETUP} and {RESUME}")
    if lacks_property(status, error_codes, body, key):
        missing = f"{reason}: a property of ours is missing or not unique: {SETUP}, then {RESUME}"
        return KeyNotUnique(missing) if is_about_key(status, body, key) else Pause(missing)
    if status in (401, 403):
        return Pause(f"{reason}: HUBSPOT_ACCESS_TOKEN is not valid, or may not do this")
    return None


def about_this_record(status: int, body: dict[str, Any], error_codes: set[str], reason: str) -> Refusal | None:
    if "INVALID_OPTION" in error_codes and STAGE in str(body):
        return StageRefused(f"{reason}: {STAGE}")
    if status in (207, 400) and "VALIDATION_ERROR" in error_codes and (names := properties_in(body)):
        what = ", ".join(sorted(error_codes - {"VALIDATION_ERROR"})) or "VALIDATION_ERROR"
        return FieldsRefused(reason, names, what)
    if status == 404 or "OBJECT_NOT_FOUND" in error_codes:
        return GiveUp(f"{reason}: what was to be changed is not there (any more)")
    if status == 409:
        return RetryLater(f"{reason}: somebody else changed it at the same moment")
    if status == 207:
        return GiveUp(reason) if "VALIDATION_ERROR" in error_codes else RetryLater(reason)
    return None


def lacks_property(status: int, error_codes: set[str], body: dict[str, Any], key: str) -> bool:
    if error_codes & {"PROPERTY_DOESNT_EXIST", "PROPERTY_NOT_FOUND"}:
        names = properties_in(body)  # an account may lack some of HubSpot's own, and then they are left out
        return not names or any(name.startswith("inboundflow_") for name in names)
    return is_about_key(status, body, key)


def is_about_key(status: int, body: dict[str, Any], key: str) -> bool:
    message = str(body.get("message", ""))  # of an upsert: "Unable to perform update/upsert by non-unique 0-1 property"
    return status in (207, 400) and key.startswith("inboundflow_") and ("non-unique" in message or key in message)


def codes(body: dict[str, Any]) -> set[str]:
    """The codes in an error: its category, those of its parts, and those in the list that a message may hold."""
    parts = [body, *dicts(body.get("errors")), *in_message(str(body.get("message", "")))]
    values = {str(part.get(name)) for part in parts for name in ("category", "subCategory", "code", "error")}
    return {code for code in values if re.fullmatch(r"[A-Z][A-Z0-9_]{2,59}", code)}


def in_message(message: str) -> list[dict[str, Any]]:
    """`Property values were not valid: [{"error": "PROPERTY_DOESNT_EXIST", …}]`: the list in it."""
    before, bracket, rest = message.partition("[")
    if before.strip() != "Property values were not valid:":
        return []
    try:
        return dicts(json.loads(bracket + rest))
    except (ValueError, RecursionError):
        return []


def properties_in(body: dict[str, Any]) -> set[str]:
    """The names of the properties that an error is about."""
    parts = [*dicts(body.get("errors")), *in_message(str(body.get("message", "")))]
    contexts = [part["context"].get("propertyName") for part in parts if isinstance(part.get("context"), dict)]
    listed = [name for names in contexts if isinstance(names, list) for name in names]
    names = {str(name) for name in (*(part.get("name") for part in parts), *listed)}
    return {name for name in names if re.fullmatch(r"[a-z][a-z0-9_]{1,99}", name)}


def scopes(body: dict[str, Any]) -> list[str]:
    """The names of the scopes that an error says are lacking."""
    contexts = [part.get("context") for part in [body, *dicts(body.get("errors"))]]
    names = [
        scope
        for context in contexts
        if isinstance(context, dict)
        for name in ("requiredGranularScopes", "requiredScopes")
        for scope in context.get(name) or []
    ]
    return sorted({scope for scope in names if re.fullmatch(r"[a-z0-9._-]{3,80}", str(scope))})


def dicts(value: Any) -> list[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
