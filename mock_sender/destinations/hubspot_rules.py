"""The rules by which the played HubSpot refuses requests, and its error bodies."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

DELIVERY = "inboundflow_delivery_id"
BODY_CHARS = 65_536
BUILT_IN = {"contacts": {"email"}}  # unique without being made so
STANDARD = {
    "contacts": {"email", "phone", "firstname", "lastname", "lifecyclestage", "hs_lead_status"},
    "calls": {
        "hs_timestamp", "hs_call_title", "hs_call_body", "hs_call_direction", "hs_call_status", "hs_call_from_number",
        "hs_call_duration", "hs_call_recording_url",
    },
    "meetings": {
        "hs_timestamp", "hs_meeting_title", "hs_meeting_body", "hs_meeting_start_time", "hs_meeting_end_time",
        "hs_meeting_external_url",
    },
    "notes": {"hs_timestamp", "hs_note_body"},
}  # fmt: skip
STAGES = ["", "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer"]
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


class Refused(Exception):
    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status)
        self.reply = status, body


def refuse(status: int, category: str, message: str, **more: Any) -> NoReturn:
    raise Refused(status, error(category, message, **more))


def error(category: str, message: str, **more: Any) -> dict[str, Any]:
    return {"status": "error", "category": category, "message": message, "correlationId": "c-1", **more}


def scope(method: str, path: str) -> str:
    room = "schemas" if path.startswith("/crm/v3/properties") else "objects"
    return f"crm.{room}.contacts.{'read' if method == 'GET' else 'write'}"


def check_scope(granted: set[str], needed: str) -> None:
    if needed not in granted:
        lacking = {"message": "One or more of the following scopes are required.", "context": {}}
        lacking["context"] = {"requiredGranularScopes": [needed]}
        refuse(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes.", errors=[lacking])


def check_values(kind: str, custom: dict[str, Any], properties: dict[str, Any], stages: list[str]) -> None:
    """Refuse what is no property, no text, or too long; empty text erases, as at the real one."""
    wrong = [
        {"isValid": False, "message": f'Property "{name}" does not exist', "error": "PROPERTY_DOESNT_EXIST"}
        for name in sorted(properties.keys() - STANDARD[kind] - custom.keys())
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
    if (stage := properties.get("lifecyclestage", "")) not in stages:
        message = f"{stage} was not one of the allowed options: {stages[1:]}"
        wrong.append({"isValid": False, "message": message, "error": "INVALID_OPTION", "name": "lifecyclestage"})
    if wrong:
        refuse(400, "VALIDATION_ERROR", f"Property values were not valid: {json.dumps(wrong)}")


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
