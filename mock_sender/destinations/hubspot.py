"""HubSpot's CRM objects (v3) and associations (v4), for the calls that are made.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/batch/post-crm-v3-objects-contacts-batch-upsert
"""

from __future__ import annotations

import itertools
import json
import re
import threading
from typing import Any

TOKEN = "pat-demo"  # noqa: S105 - the demo's
OURS = {"inboundflow_delivery_id", "inboundflow_call_id", "inboundflow_phone_e164"}
UNIQUE = {
    "contacts": {"email", "inboundflow_phone_e164"},
    "calls": {"inboundflow_call_id"},
    "meetings": {"inboundflow_call_id"},
}
PROPERTIES = {
    "contacts": OURS | {"email", "phone", "firstname", "lastname", "lifecyclestage", "hs_lead_status"},
    "calls": OURS | {
        "hs_timestamp", "hs_call_title", "hs_call_body", "hs_call_direction", "hs_call_status", "hs_call_from_number",
        "hs_call_duration", "hs_call_recording_url",
    },
    "meetings": OURS | {
        "hs_timestamp", "hs_meeting_title", "hs_meeting_start_time", "hs_meeting_end_time", "hs_meeting_external_url",
    },
}  # fmt: skip

Reply = tuple[int, Any]


class HubSpot:
    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.objects: dict[str, dict[str, dict[str, str]]] = {"contacts": {}, "calls": {}, "meetings": {}}
        self.associations: set[tuple[str, str, str]] = set()
        self.upserts: list[dict[str, str]] = []
        self.ids = itertools.count(1001)

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Reply:
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        upsert = re.fullmatch(r"/crm/v3/objects/(\w+)/batch/upsert", path)
        associate = re.fullmatch(r"/crm/v4/objects/(\w+)/(\d+)/associations/default/contacts/(\d+)", path)
        with self.mutex:
            if method == "POST" and upsert and upsert[1] in self.objects:
                return self.upsert(upsert[1], json.loads(body)["inputs"])
            if method == "PUT" and associate and associate[1] in self.objects:
                return self.associate(*associate.groups())
        return refusal(404, "NOT_FOUND", "Nothing is here.")

    def upsert(self, kind: str, inputs: list[dict[str, Any]]) -> Reply:
        for entry in inputs:
            if entry["idProperty"] not in UNIQUE[kind]:
                return refusal(400, "VALIDATION_ERROR", f"{entry['idProperty']} is not a unique property")
            if unknown := set(entry["properties"]) - PROPERTIES[kind]:
                return refusal(400, "VALIDATION_ERROR", f"Property values were not valid: {sorted(unknown)}")
            if kind != "contacts" and not entry["properties"].get("hs_timestamp"):
                return refusal(400, "VALIDATION_ERROR", "hs_timestamp is required")
        return 200, {"status": "COMPLETE", "results": [self.upsert_one(kind, entry) for entry in inputs]}

    def upsert_one(self, kind: str, entry: dict[str, Any]) -> dict[str, Any]:
        key, value, properties = entry["idProperty"], entry["id"], entry["properties"]
        there = [i for i, found in self.objects[kind].items() if found.get(key) == value]
        made = there[0] if there else str(next(self.ids))
        self.objects[kind].setdefault(made, {key: value}).update(properties)
        self.upserts.append({"delivery_id": properties.get("inboundflow_delivery_id", ""), "object": kind, "id": made})
        return {"id": made, "new": not there, "properties": self.objects[kind][made]}

    def associate(self, kind: str, made: str, contact: str) -> Reply:
        if made not in self.objects[kind] or contact not in self.objects["contacts"]:
            return refusal(404, "OBJECT_NOT_FOUND", "One of the objects does not exist.")
        self.associations.add((kind, made, contact))
        return 200, {"status": "COMPLETE", "results": []}

    def effects(self) -> list[dict[str, str]]:
        """The last object that each delivery wrote: what hangs on the contact, or the contact itself."""
        last = {upsert["delivery_id"]: f"{upsert['object'][:-1]} {upsert['id']}" for upsert in self.upserts}
        return [{"delivery_id": delivery, "where": where} for delivery, where in last.items()]


def refusal(status: int, category: str, message: str) -> Reply:
    return status, {"status": "error", "category": category, "message": message}
