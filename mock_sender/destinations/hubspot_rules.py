"""The rules by which the played HubSpot refuses requests, and its error bodies."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, Protocol

DELIVERY = "inboundflow_delivery_id"
BODY_CHARS = 65_536
BUILT_IN = {"contacts": {"email"}}  # unique without being made so
STANDARD = {
    "contacts": {
        "email", "phone", "mobilephone", "firstname", "lastname", "lifecyclestage", "hs_lead_status",
        "hubspot_owner_id",
    },
    "calls": {
        "hs_timestamp", "hs_call_title", "hs_call_body", "hs_call_direction", "hs_call_status", "hs_call_from_number",
        "hs_call_duration", "hs_call_recording_url", "hs_call_disposition", "hs_call_source",
        "hs_call_callee_object_id", "hs_call_callee_object_type_id", "hubspot_owner_id",
    },
    "meetings": {
        "hs_timestamp", "hs_meeting_title", "hs_meeting_body", "hs_meeting_start_time", "hs_meeting_end_time",
        "hs_meeting_external_url", "hs_meeting_outcome", "hubspot_owner_id",
    },
    "notes": {"hs_timestamp", "hs_note_body", "hubspot_owner_id"},
}  # fmt: skip
STAGES = ["", "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer"]
# https://developers.hubspot.com/docs/api/crm/calls: those that an account begins with
OUTCOMES = {
    "f240bbac-87c9-4f6e-bf70-924b57d47db7": "Connected",
    "b2cf5968-551e-4856-9783-52b3da59a7d0": "Left voicemail",
}
OBJECT_TYPES = {"contacts": "0-1", "calls": "0-48", "meetings": "0-47", "notes": "0-46"}
OWNERS = {"7", "77"}
SCOPES = [f"crm.{room}.contacts.{verb}" for room in ("objects", "schemas") for verb in ("read", "write")]
TYPE_IDS = {"calls": 194, "meetings": 200, "notes": 202}  # of the association with a contact


def ours(name: str, *, unique: bool) -> dict[str, Any]:
    return {
        "name": name, "label": name, "groupName": "inboundflow", "type": "string", "fieldType": "text",
        "hasUniqueValue": unique,
    }  # fmt: skip


# As `receiver setup hubspot` makes them.
OURS = {
    kind: {key: ours(key, unique=True)} | ({} if kind == "contacts" else {DELIVERY: ours(DELIVERY, unique=False)})
    for kind, key in (
        ("contacts", "inboundflow_phone_e164"),
        ("calls", "inboundflow_call_id"),
        ("meetings", "inboundflow_call_id"),
        ("notes", "inboundflow_note_key"),
    )
}


class Account(Protocol):
    """What an administrator may have changed."""

    stages: list[str]
    outcomes: dict[str, str]
    lacking: set[str]


class Refused(Exception):
    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status)
        self.reply = status, body


def refuse(status: int, category: str, message: str, **more: Any) -> NoReturn:
    raise Refused(status, error(category, message, **more))


def error(category: str, message: str, **more: Any) -> dict[str, Any]:
    return {"status": "error", "category": category, "message": message, "correlationId": "c-1", **more}


def scope(method: str, path: str) -> str:
    room = "schemas" if path.startswith("/crm/properties") else "objects"
    verb = "read" if method == "GET" or path.endswith(("/search", "/batch/read")) else "write"
    return f"crm.{room}.contacts.{verb}"


def check_scope(granted: set[str], needed: str) -> None:
    if needed not in granted:
        lacking = {"message": "One or more of the following scopes are required.", "context": {}}
        lacking["context"] = {"requiredGranularScopes": [needed]}
        refuse(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes.", errors=[lacking])


def check_values(kind: str, custom: dict[str, Any], properties: dict[str, Any], account: Account) -> None:
    """Refuse what is no property, no text, or too long; empty text erases, as at the real one."""
    wrong = [
        {
            "isValid": False,
            "message": f'Property "{name}" does not exist',
            "error": "PROPERTY_DOESNT_EXIST",
            "name": name,
        }
        for name in sorted(properties.keys() - (STANDARD[kind] - account.lacking) - custom.keys())
    ]
    wrong += [
        {"isValid": False, "message": "Too long, or not a text", "error": "INVALID_VALUE", "name": name}
        for name, value in properties.items()
        if not isinstance(value, str) or len(value) > BODY_CHARS or "\0" in value or re.search("[\ud800-\udfff]", value)
    ]
    for name in ("hs_timestamp", "hs_meeting_start_time", "hs_meeting_end_time"):
        if properties.get(name) and not re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", properties[name]):
            wrong.append({"isValid": False, "message": "Not a time", "error": "INVALID_DATE", "name": name})
    if properties.get("email") and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", properties["email"]):
        wrong.append({"isValid": False, "message": "Not an e-mail", "error": "INVALID_EMAIL", "name": "email"})
    allowed = {"lifecyclestage": account.stages, "hs_call_disposition": account.outcomes, "hubspot_owner_id": OWNERS}
    for name, options in allowed.items():
        if properties.get(name) and properties[name] not in options:
            message = f"{properties[name]} was not one of the allowed options: {sorted(options)}"
            code = "INVALID_OWNER_ID" if name == "hubspot_owner_id" else "INVALID_OPTION"
            wrong.append({"isValid": False, "message": message, "error": code, "name": name})
    if wrong:
        refuse(400, "VALIDATION_ERROR", f"Property values were not valid: {json.dumps(wrong)}")


def enumeration(name: str, options: dict[str, str]) -> dict[str, Any]:
    """One of HubSpot's own properties that has a value from a list."""
    listed = [{"label": label, "value": value, "hidden": False} for value, label in options.items()]
    return {
        "name": name, "label": name, "groupName": "hubspot", "type": "enumeration", "fieldType": "select",
        "description": "", "hasUniqueValue": False, "options": listed, "archived": False,
    }  # fmt: skip


def unique(kind: str, custom: dict[str, Any]) -> set[str]:
    return BUILT_IN.get(kind, set()) | {name for name, made in custom.items() if made["hasUniqueValue"]}


def refuse_lacking(names: list[str]) -> NoReturn:
    """https://developers.hubspot.com/changelog/crm-api-write-validation-enforcement"""
    wrong = [
        {"isValid": False, "message": "Required by a rule of the account", "error": "REQUIRED_FIELD", "name": name}
        for name in names
    ]
    refuse(400, "VALIDATION_ERROR", f"Property values were not valid: {json.dumps(wrong)}")


def check_search(asked: dict[str, Any]) -> None:
    """https://developers.hubspot.com/docs/api-reference/crm/search-the-crm: 5 groups of 6 filters, 18 in all."""
    groups = [group["filters"] for group in asked["filterGroups"]]
    if len(groups) > 5 or sum(map(len, groups)) > 18 or any(len(filters) > 6 for filters in groups):
        refuse(400, "VALIDATION_ERROR", "Too many filters or filter groups")
    for sought in (sought for filters in groups for sought in filters):
        if sought["operator"] not in ("EQ", "IN") or ("values" in sought) != (sought["operator"] == "IN"):
            refuse(400, "VALIDATION_ERROR", "EQ takes a value, IN takes values")
        if any(text != text.lower() for text in sought.get("values", [])):
            refuse(400, "VALIDATION_ERROR", "IN takes values in lower case")
        if not 1 <= asked["limit"] <= 200:
            refuse(400, "VALIDATION_ERROR", "limit is from 1 to 200")


def matches(record: dict[str, str], groups: list[dict[str, Any]]) -> bool:
    return any(
        all(searchable(record, f["propertyName"]) in f.get("values", [f.get("value")]) for f in group["filters"])
        for group in groups
    )


def searchable(record: dict[str, str], name: str) -> str:
    """A property as the search knows it; a calculated number is its digits, without the country code if it has one."""
    if plain := re.fullmatch(r"hs_searchable_calculated_(phone|mobile)_number", name):
        number = record.get("phone" if plain[1] == "phone" else "mobilephone", "")
        country = r"^\s*(\+1|\+34|\+44|001|0034)" if number.strip().startswith(("+", "00")) else r"^\s*1(?=.{10})"
        return re.sub(r"\D", "", re.sub(country, "", number)) or "-"
    return record.get(name, "").lower() or "-"


def check_definition(asked: dict[str, Any], groups: set[str]) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,99}", asked["name"]):
        refuse(400, "VALIDATION_ERROR", "A name has lower-case letters, digits and underscores only.")
    if lacking := {"label", "groupName", "type", "fieldType"} - asked.keys():
        refuse(400, "VALIDATION_ERROR", f"Some required fields were not set: {sorted(lacking)}")
    if asked["groupName"] not in groups:
        refuse(400, "VALIDATION_ERROR", "The property group does not exist.")


def forward_only(kept: dict[str, str], properties: dict[str, Any], stages: list[str]) -> dict[str, Any]:
    """What is really set: a lifecycle stage moves forward only, and says nothing where it stays."""
    now, target = kept.get("lifecyclestage", ""), properties.get("lifecyclestage", "")
    behind = stages.index(target) < stages.index(now)
    return {name: value for name, value in properties.items() if name != "lifecyclestage" or not behind}


def same(name: str, value: Any, other: Any) -> bool:
    """Whether two values of a unique property are the same to HubSpot; e-mails go by lower case."""
    return value is not None and (value.lower() == other.lower() if name == "email" else value == other)
