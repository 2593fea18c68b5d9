"""What Salesforce's refusals mean for a run; nothing of them is repeated but codes and the names of fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from receiver import GiveUp, Pause, RetryLater
from receiver.toolkit import FieldsRefused, Refusal, refusal, retry_after_s

DAILY_S, LOCKED_S = 3600, 5
RECIPE = "see recipes/salesforce.md"
# What every next call would be refused for too.
PAUSES = {
    "INVALID_FIELD": f"a custom field is missing, or hidden from the user that the app runs as: {RECIPE}",
    "INVALID_FIELD_FOR_INSERT_UPDATE": f"a field may not be written by the user that the app runs as: {RECIPE}",
    "INVALID_TYPE": f"the user that the app runs as may not use this object: {RECIPE}",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "a list of the org lacks a value that is written: add it to the field",
    "REQUIRED_FIELD_MISSING": "the object requires a field that only people fill in: make it optional for the API",
    "API_DISABLED_FOR_ORG": "this edition of Salesforce has no API, or the user that the app runs as may not use it",
    "INSUFFICIENT_ACCESS": f"the user that the app runs as may not write this: {RECIPE}",
}
PASSING = {
    "UNABLE_TO_LOCK_ROW": "somebody else was changing it",
    "CANNOT_UPDATE_CONVERTED_LEAD": "the lead was converted meanwhile",
    "ENTITY_IS_DELETED": "the lead was deleted meanwhile",
    "INVALID_CROSS_REFERENCE_KEY": "the lead was deleted or merged meanwhile",
    "SERVER_UNAVAILABLE": "it is overloaded",
}
# Of a lead or a contact these are no reason to wait: what was said is kept without it.
PERSONAL = ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",)


# What may be left out: a lead, a call, an event is one without it too.
OPTIONAL = frozenset(
    (
        "CallType",
        "CallDurationInSeconds",
        "TaskSubtype",
        "OwnerId",
        "LeadSource",
        "FirstName",
        "Phone",
        "MobilePhone",
        "Email",
    )
)
LACKING = ("INVALID_FIELD", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "INVALID_CROSS_REFERENCE_KEY", "INACTIVE_OWNER")


class NotEditable(Pause):
    """The app's user may see the record, and may not change it."""


class FieldsMissing(GiveUp):
    """The org requires fields that were not given."""

    def __init__(self, reason: str, fields: set[str]) -> None:
        super().__init__(f"{reason}: {', '.join(sorted(fields))}" if fields else reason)
        self.fields = fields


class Duplicate(GiveUp):
    """A duplicate rule blocks it; `records` are those that it names: their object, and their id."""

    def __init__(self, reason: str, records: list[tuple[str, str]]) -> None:
        super().__init__(f"{reason}: a duplicate rule blocks it: another lead or contact has this e-mail or number")
        self.records = records


def meaning(status: int, body: Any, headers: Mapping[str, str], *, is_person: bool = False) -> Refusal:
    """What to raise for an error, about a lead or a contact, or about something else."""
    errors = [error for error in body if isinstance(error, dict)] if isinstance(body, list) else []
    codes = [code for error in errors if re.fullmatch(r"[A-Z][A-Z0-9_]{2,79}", code := str(error.get("errorCode")))]
    reason, fields = " ".join(["Salesforce answered", str(status), *codes]), names_of_fields(errors)
    if "DUPLICATES_DETECTED" in codes:
        return Duplicate(reason, matched(body))
    if any(code.startswith(LACKING) for code in codes) and (names := refused_fields(codes, errors) & OPTIONAL):
        return FieldsRefused(reason, names, ", ".join(codes))
    if is_person and "REQUIRED_FIELD_MISSING" in codes:
        return FieldsMissing(reason, field_names(errors))
    if is_person and any(code.startswith(PERSONAL) for code in codes):
        return GiveUp(f"{reason}{fields}")
    if "DUPLICATE_VALUE" in codes:
        return GiveUp(f"{reason}{fields}: somebody else's record has this key; give the app's user View All on it")
    if "INSUFFICIENT_ACCESS_OR_READONLY" in codes:
        return NotEditable(f"{reason}{fields}: {PAUSES['INSUFFICIENT_ACCESS']}")
    if by_code := meaning_of(codes, reason, fields, retry_after_s(headers)):
        return by_code
    if status == 300:
        return GiveUp(f"{reason}: several records have this key; make InboundFlow_Key__c unique, and merge them")
    if status == 404:
        return Pause(f"{reason}: InboundFlow_Key__c is missing, or hidden from the user that the app runs as: {RECIPE}")
    if status == 400 and (names := field_names(errors)):
        return FieldsRefused(reason, names, ", ".join(codes))
    return refusal(status, headers, what=f"Salesforce ({', '.join(codes)}){fields}" if codes else "Salesforce")


def meaning_of(codes: list[str], reason: str, fields: str, wait_s: float | None) -> Refusal | None:
    if "REQUEST_LIMIT_EXCEEDED" in codes:
        return RetryLater(f"{reason}: the requests of a day are used up", delay_s=DAILY_S, cooldown=True)
    for code, why in PASSING.items():
        if code in codes:
            usual_s = LOCKED_S if code == "UNABLE_TO_LOCK_ROW" else None
            return RetryLater(f"{reason}: {why}", delay_s=wait_s or usual_s)
    for beginning, why in PAUSES.items():
        if any(code.startswith(beginning) for code in codes):
            return Pause(f"{reason}{fields}: {why}")
    return None


def refused_fields(codes: list[str], errors: list[dict[str, Any]]) -> set[str]:
    """The fields that the errors name, be it in a message alone, or by what they say of an owner."""
    columns = (re.search(r"No such column '(\w{1,80})'", str(error.get("message"))) for error in errors)
    owner = {"OwnerId"} if any(code.startswith("INACTIVE_OWNER") for code in codes) else set()
    return field_names(errors) | {match[1] for match in columns if match} | owner


def names_of_fields(errors: list[dict[str, Any]]) -> str:
    """` (Phone, Company)`, or "" where the errors name none."""
    names = field_names(errors)
    return f" ({', '.join(sorted(names))})" if names else ""


def field_names(errors: list[dict[str, Any]]) -> set[str]:
    return {str(name) for error in errors for name in error.get("fields") or [] if re.fullmatch(r"\w{1,80}", str(name))}


def matched(body: Any) -> list[tuple[str, str]]:
    """The records that a duplicate rule names, wherever in the error they are: its spelling has changed before."""
    if isinstance(body, list):
        return [found for part in body for found in matched(part)]
    if not isinstance(body, dict):
        return []
    record_id, kind = str(body.get("Id", "")), (body.get("attributes") or {}).get("type")
    if kind in ("Lead", "Contact") and re.fullmatch(r"[A-Za-z0-9]{15,18}", record_id):
        return [(kind, record_id)]
    return [found for part in body.values() for found in matched(part)]


def lacks_field(body: Any) -> bool:
    """Whether a 404 is about the external id itself, and not about a record."""
    return isinstance(body, list) and any("external id field" in str(error).lower() for error in body)
