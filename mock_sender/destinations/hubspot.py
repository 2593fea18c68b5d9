"""HubSpot's CRM objects, properties and limits of 2026-03, for the calls that are made; it has forgotten v1 to v4.

https://developers.hubspot.com/docs/api-reference/2026-03/overview
"""

from __future__ import annotations

import itertools
import json
import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from . import hubspot_rules as rules
from .hubspot_rules import Refused, refuse

TOKEN = "pat-demo"  # noqa: S105 - the demo's
CREATED = datetime(2026, 1, 1, tzinfo=UTC).isoformat()

Reply = tuple[int, Any]


class HubSpot:
    """`properties` are those of ours; clear a kind's to play an account in which nothing was set up."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.objects: dict[str, dict[str, dict[str, str]]] = {kind: {} for kind in rules.STANDARD}
        self.properties = {
            kind: {name: dict(definition) for name, definition in ours.items()} for kind, ours in rules.OURS.items()
        }
        self.groups: dict[str, set[str]] = {kind: set() for kind in rules.STANDARD}
        self.scopes = set(rules.SCOPES)
        self.stages = list(rules.STAGES)  # as the account has them: they can be renamed and removed
        self.outcomes = dict(rules.OUTCOMES)  # of a call, by their ids: they can be removed
        self.lacking: set[str] = set()  # properties of HubSpot's own that the account does not have
        self.takes_no_unique: set[str] = set()  # kinds whose properties cannot be made unique
        self.room, self.room_in_all = 1000, 5000  # custom properties of a kind, and in all
        self.associations: set[tuple[str, str, str]] = set()
        self.ids = itertools.count(1001)
        self.clock = itertools.count(1)
        self.changed: dict[str, str] = {}  # when each object was changed last
        self.required: set[str] = set()  # properties that an administrator's rule demands of a new contact
        self.search_lags = False  # then what is made is not found: as much as 60 s at the real one (Okta's connector)
        self.unindexed: set[str] = set()

    def forget_properties(self) -> None:
        """As in an account that nobody has prepared."""
        self.properties = {kind: {} for kind in self.properties}

    def add_contact(self, **properties: str) -> str:
        """Somebody whom the people at the business entered themselves; the id."""
        made = str(next(self.ids))
        self.objects["contacts"][made] = properties
        self.touch(made)
        return made

    def touch(self, made: str) -> None:
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(self.clock))
        self.changed[made] = moment.isoformat()

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Reply:
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, rules.error("INVALID_AUTHENTICATION", "Authentication credentials not found.")
        calls = (
            ("POST", r"/crm/objects/2026-03/(\w+)/batch/upsert", self.upsert),
            ("POST", r"/crm/objects/2026-03/(\w+)/batch/read", self.read),
            ("POST", r"/crm/objects/2026-03/(\w+)/search", self.search),
            ("GET", r"/crm/objects/2026-03/(\w+)/(\d+)", self.show),
            ("PATCH", r"/crm/objects/2026-03/(\w+)/(\d+)", self.change),
            ("DELETE", r"/crm/objects/2026-03/(\w+)/(\d+)", self.archive),
            ("POST", r"/crm/objects/2026-03/(\w+)", self.create),
            ("PUT", r"/crm/objects/2026-03/(\w+)/(\d+)/associations/default/contacts/(\d+)", self.associate),
            ("POST", r"/crm/properties/2026-03/(\w+)", self.make_property),
            ("POST", r"/crm/properties/2026-03/(\w+)/groups", self.make_group),
            ("GET", r"/crm/properties/2026-03/(\w+)/(\w+)", self.show_property),
        )
        asked = json.loads(body) if body else dict(parse_qsl(query))
        with self.mutex:
            try:
                if (method, path) == ("GET", "/crm/limits/2026-03/custom-properties"):
                    return self.show_limits()
                for verb, form, call in calls:
                    match = re.fullmatch(form, path)
                    if verb == method and match and match[1] in self.objects:
                        rules.check_scope(self.scopes, rules.scope(method, path))
                        return call(asked, *match.groups())
            except Refused as refused:
                return refused.reply
        return 404, rules.error("NOT_FOUND", "Nothing is here.")

    def upsert(self, asked: dict[str, Any], kind: str) -> Reply:
        inputs = asked["inputs"]
        for entry in inputs:
            if entry["idProperty"] not in rules.unique(kind, self.properties[kind]):
                refuse(400, "VALIDATION_ERROR", "Unable to perform update/upsert by non-unique property")
        done, errors = [], []
        for entry in inputs:
            try:
                done.append(self.upsert_one(kind, entry))
            except Refused as refused:
                if "objectWriteTraceId" not in entry:  # without one, the whole request is refused
                    raise
                errors.append(refused.reply[1])
        whole = {"status": "COMPLETE", "results": done, "startedAt": CREATED, "completedAt": CREATED}
        return (207, whole | {"numErrors": len(errors), "errors": errors}) if errors else (200, whole)

    def read(self, asked: dict[str, Any], kind: str) -> Reply:
        """By a unique property, from the database: it never lags. What is missing is an error of its own in a 207."""
        name, wanted = asked.get("idProperty", ""), [entry["id"] for entry in asked["inputs"]]
        if name and name not in rules.unique(kind, self.properties[kind]):
            refuse(400, "VALIDATION_ERROR", f"{name} is not a unique property")
        records = self.objects[kind].items()
        by_id = [made for made in self.objects[kind] if not name and made in wanted]
        found = by_id + [
            made for made, record in records for value in wanted if name and rules.same(name, record.get(name), value)
        ]
        results = [self.as_read(kind, made, asked["properties"]) for made in found]
        whole = {"status": "COMPLETE", "results": results, "startedAt": CREATED, "completedAt": CREATED}
        if len(found) == len(wanted):
            return 200, whole
        missing = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some CONTACT objects"}
        more = {"context": {"ids": wanted}, "errors": [], "links": {}}
        return 207, whole | {"numErrors": 1, "errors": [missing | more]}

    def search(self, asked: dict[str, Any], kind: str) -> Reply:
        rules.check_search(asked)
        found = [
            made
            for made, record in self.objects[kind].items()
            if made not in self.unindexed and rules.matches(record, asked["filterGroups"])
        ]
        newest = sorted(found, key=lambda made: self.changed.get(made, ""), reverse=True)
        results = [self.as_read(kind, made, asked["properties"]) for made in newest[: asked["limit"]]]
        return 200, {"total": len(found), "results": results}

    def show(self, asked: dict[str, Any], kind: str, made: str) -> Reply:
        if made not in self.objects[kind]:
            refuse(404, "OBJECT_NOT_FOUND", "Object not found.")
        shown = self.as_read(kind, made, [*self.objects[kind][made]])
        ends = [
            one for sort, one, contact in self.associations if contact == made and sort == asked.get("associations")
        ]
        listed = {"results": [{"id": one, "type": "contact_to_object"} for one in sorted(ends)]}
        return 200, shown | ({"associations": {asked["associations"]: listed}} if ends else {})

    def as_read(self, kind: str, made: str, names: list[str]) -> dict[str, Any]:
        record, changed = self.objects[kind][made], self.changed.get(made, CREATED)
        shown = {name: record.get(name, "") for name in names}
        return {"id": made, "properties": shown, "createdAt": CREATED, "updatedAt": changed, "archived": False}

    def upsert_one(self, kind: str, entry: dict[str, Any]) -> dict[str, Any]:
        key, value = entry["idProperty"], entry["id"]
        matches = [i for i, record in self.objects[kind].items() if rules.same(key, record.get(key), value)]
        properties = {key: value} | entry["properties"]
        if not matches and kind != "contacts" and not properties.get("hs_timestamp"):
            refuse(400, "VALIDATION_ERROR", "hs_timestamp is required")
        if not matches and kind == "contacts" and (lacking := sorted(self.required - properties.keys())):
            rules.refuse_lacking(lacking)
        made = matches[0] if matches else str(next(self.ids))
        if not matches and self.search_lags:
            self.unindexed.add(made)
        return self.write(kind, made, properties) | {"new": not matches}

    def create(self, asked: dict[str, Any], kind: str) -> Reply:
        """Made with its associations, or not at all."""
        ends = [end["to"]["id"] for end in asked["associations"]]
        if [end for end in ends if end not in self.objects["contacts"]]:
            refuse(404, "OBJECT_NOT_FOUND", "One of the objects does not exist.")
        if [end for end in asked["associations"] if end["types"][0]["associationTypeId"] != rules.TYPE_IDS[kind]]:
            refuse(400, "VALIDATION_ERROR", "No such type of association")
        made = str(next(self.ids))
        written = self.write(kind, made, asked["properties"])
        if self.search_lags:
            self.unindexed.add(made)
        self.associations |= {(kind, made, end) for end in ends}
        return 201, written

    def change(self, asked: dict[str, Any], kind: str, made: str) -> Reply:
        if made not in self.objects[kind]:
            refuse(404, "OBJECT_NOT_FOUND", "Object not found.")
        return 200, self.write(kind, made, asked["properties"])

    def archive(self, asked: dict[str, Any], kind: str, made: str) -> Reply:
        """Into the recycling bin; of what is not there, too, it says that it is gone (github.com/n8n-io/n8n/pull/3219).
        https://developers.hubspot.com/docs/api-reference/2026-03/crm/activities/calls/delete-call
        """
        self.objects[kind].pop(made, None)
        self.associations = {(sort, end, on) for sort, end, on in self.associations if (sort, end) != (kind, made)}
        return 204, None

    def write(self, kind: str, made: str, properties: dict[str, Any]) -> dict[str, Any]:
        """Set properties as HubSpot does: known ones, unique where they must be, stages forward only."""
        rules.check_values(kind, self.properties[kind], properties, self)
        for name in rules.unique(kind, self.properties[kind]) & properties.keys():
            for other, record in self.objects[kind].items():
                if other != made and rules.same(name, record.get(name), properties[name]):
                    refuse(409, "CONFLICT", f"{kind[:-1].title()} already exists. Existing ID: {other}")
        kept = self.objects[kind].setdefault(made, {})
        kept.update(rules.forward_only(kept, properties, self.stages))
        self.touch(made)
        return {
            "id": made, "properties": dict(kept), "createdAt": CREATED, "updatedAt": CREATED, "archived": False,
        }  # fmt: skip

    def associate(self, asked: dict[str, Any], kind: str, made: str, contact: str) -> Reply:
        if made not in self.objects[kind] or contact not in self.objects["contacts"]:
            refuse(404, "OBJECT_NOT_FOUND", "One of the objects does not exist.")
        self.associations.add((kind, made, contact))
        ends = {"from": {"id": made}, "to": {"id": contact}}
        spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": rules.TYPE_IDS.get(kind, 1)}
        done = {"status": "COMPLETE", "results": [ends | {"associationSpec": spec}]}
        return 200, done | {"startedAt": CREATED, "completedAt": CREATED}

    def make_group(self, asked: dict[str, Any], kind: str) -> Reply:
        if asked["name"] in self.groups[kind]:
            refuse(409, "OBJECT_ALREADY_EXISTS", "A property group with this name exists.")
        self.groups[kind].add(asked["name"])
        return 201, {"name": asked["name"], "label": asked["label"], "displayOrder": -1, "archived": False}

    def show_limits(self) -> Reply:
        """https://developers.hubspot.com/docs/api-reference/latest/crm/limits-tracking/get-custom-properties"""
        usage = {kind: len(own) for kind, own in self.properties.items()}
        by_type = [
            {
                "objectTypeId": rules.OBJECT_TYPES[kind], "singularLabel": kind[:-1], "pluralLabel": kind,
                "limit": self.room, "usage": used, "percentage": used / self.room,
            }
            for kind, used in usage.items()
        ]  # fmt: skip
        whole = {"overallLimit": self.room_in_all, "overallUsage": sum(usage.values()), "overallPercentage": 0.1}
        return 200, whole | {"byObjectType": by_type}

    def make_property(self, asked: dict[str, Any], kind: str) -> Reply:
        rules.check_definition(asked, self.groups[kind])
        if asked["hasUniqueValue"] and kind in self.takes_no_unique:
            refuse(400, "VALIDATION_ERROR", f"hasUniqueValue cannot be set for {kind}")
        if self.room_in_all <= sum(len(own) for own in self.properties.values()):
            refuse(400, "VALIDATION_ERROR", "The account has no room for another custom property.")
        if asked["name"] in self.properties[kind]:
            refuse(409, "OBJECT_ALREADY_EXISTS", f"A property named '{asked['name']}' already exists.")
        self.properties[kind][asked["name"]] = asked
        return 201, shown(asked)

    def show_property(self, asked: dict[str, Any], kind: str, name: str) -> Reply:
        if (kind, name) == ("contacts", "lifecyclestage"):
            return 200, rules.enumeration(name, {stage: stage for stage in self.stages if stage})
        if (kind, name) == ("calls", "hs_call_disposition"):
            return 200, rules.enumeration(name, self.outcomes)
        if name not in self.properties[kind]:
            refuse(404, "OBJECT_NOT_FOUND", "Property does not exist.")
        return 200, shown(self.properties[kind][name])

    def effects(self) -> list[dict[str, str]]:
        """An entry for each delivery and object that was made from it: a call, a meeting, or a lead's note."""
        return [
            {"delivery_id": delivery, "where": f"{kind[:-1]} {made}"}
            for kind in ("calls", "meetings", "notes")
            for made, record in list(self.objects[kind].items())
            for delivery in record.get(rules.DELIVERY, "").split()
        ]


def shown(asked: dict[str, Any]) -> dict[str, Any]:
    return {"description": "", "options": [], "archived": False, "createdAt": CREATED, "updatedAt": CREATED} | asked
