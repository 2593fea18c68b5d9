"""Salesforce's REST API, for the calls that are made: a token, and records by an external id.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_upsert.htm
"""

from __future__ import annotations

import itertools
import json
import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote

from .salesforce_rules import (
    CONDITION,
    CREATE_ONLY,
    FIELDS,
    FILES,
    KEY,
    NEEDED,
    PREFIXES,
    SOQL,
    Refused,
    is_like,
    refuse,
    refuse_duplicates,
)

CLIENT_ID, CLIENT_SECRET = "3MVG9demo", "demo"
APP_USER = "005000000000APPAAA"  # that the app runs as

Reply = tuple[int, Any]


class Salesforce:
    """`quiet` plays an older version, which answers an update with 204; `key_is_there` an org that was prepared."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.records: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in FIELDS}
        self.tokens: list[str] = []  # that were given; the last one holds
        self.quiet = False
        self.key_is_there = True
        self.ids = itertools.count(1)
        self.clock = itertools.count(1)
        self.contacts_have_key = True
        self.person_accounts = False
        self.blocks_duplicates = False
        self.requires_company = True
        self.hidden: dict[str, set[str]] = {}  # fields by object that the org does not have, or hides
        self.users = {APP_USER}  # those who are active
        self.activities_are_private = False  # then only its owner changes one
        self.may_not_delete = False  # the app's user lacks that permission
        self.assigning = True  # whether this request lets the rules for leads do so
        self.assigns_to = ""  # the owner whom the active assignment rule of leads names
        self.rules: dict[str, tuple[str, list[str]]] = {}  # by object: the code and fields of what refuses every write

    def add(self, kind: str, **fields: Any) -> str:
        """A record that the people at the business entered themselves; its id."""
        made = f"{PREFIXES[kind]}{next(self.ids):015d}"
        self.records[kind][made] = fields | {"LastModifiedDate": self.now()}
        return made

    def now(self) -> str:
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(self.clock))
        return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Reply:
        with self.mutex:
            if (method, path) == ("POST", "/services/oauth2/token"):
                return self.token({name: values[0] for name, values in parse_qs(body.decode()).items()})
            if not self.tokens or headers.get("authorization") != f"Bearer {self.tokens[-1]}":
                return 401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
            by_key = re.fullmatch(rf"/services/data/v\d+\.0/sobjects/(\w+)/{KEY}/([^/]+)", path)
            by_id = re.fullmatch(r"/services/data/v\d+\.0/sobjects/(\w+)/(\w{18})", path)
            self.assigning = headers.get("sforce-auto-assign", "true").lower() != "false"
            try:
                if by_key and by_key[1] in FIELDS:
                    return self.by_key(method, by_key[1], unquote(by_key[2]), query, body)
                if method == "POST" and re.fullmatch(r"/services/data/v\d+\.0/composite", path):
                    return self.composite(json.loads(body))
                if by_id and (method, by_id[1]) == ("GET", "User"):
                    return 200, {"attributes": {"type": "User"}, "IsActive": by_id[2] in self.users}
                if by_id and by_id[2] in self.records[by_id[1]] and method == "PATCH":
                    return self.change(by_id[1], by_id[2], json.loads(body))
                if by_id and by_id[1] in FIELDS and method == "DELETE":
                    return self.delete(by_id[1], by_id[2])
                if by_id and by_id[1] in FIELDS and method == "GET":
                    return self.show(by_id[1], by_id[2] if by_id[2] in self.records[by_id[1]] else None, query)
            except Refused as refused:
                return refused.reply
        return 404, [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]

    def token(self, form: dict[str, str]) -> Reply:
        if form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type", "error_description": "grant type not supported"}
        if form.get("client_id") != CLIENT_ID:
            return 400, {"error": "invalid_client_id", "error_description": "client identifier invalid"}
        if form.get("client_secret") != CLIENT_SECRET:
            return 400, {"error": "invalid_client", "error_description": "invalid client credentials"}
        self.tokens.append(f"00Ddemo!{len(self.tokens) + 1}")
        return 200, {
            "access_token": self.tokens[-1], "token_type": "Bearer", "instance_url": "https://demo",
            "id": f"https://login.salesforce.com/id/00D000000000000AAA/{APP_USER}",
        }  # fmt: skip

    def composite(self, asked: dict[str, Any]) -> Reply:
        """Queries in one request: https://developer.salesforce.com, api_rest/resources_composite_composite.htm."""
        return 200, {"compositeResponse": [self.part(part) for part in asked["compositeRequest"]]}

    def part(self, part: dict[str, Any]) -> dict[str, Any]:
        try:
            status, body = self.query(unquote(part["url"].partition("/query?q=")[2]))
        except Refused as refused:
            status, body = refused.reply
        return {"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": part["referenceId"]}

    def query(self, soql: str) -> Reply:
        match = SOQL.fullmatch(soql)
        if not match:
            refuse(400, "MALFORMED_QUERY", "unexpected token")
        names, kind, always, alternatives, limit = match.groups()
        if kind == "Account" and not self.person_accounts:
            refuse(400, "INVALID_FIELD", "No such column 'PersonContactId' on entity 'Account'")
        conditions = CONDITION.findall(alternatives)
        columns = {*names.split(","), *(name for name, _, _ in conditions)}
        if unknown := sorted(columns - FIELDS[kind].keys() - {"Id", "LastModifiedDate"} | columns & self.unseen(kind)):
            refuse(400, "INVALID_FIELD", f"No such column '{unknown[0]}' on entity '{kind}'")
        found = [
            {name: (record | {"Id": made}).get(name) for name in names.split(",")}
            for made, record in self.records[kind].items()
            if any(is_like(record.get(name), operator, text) for name, operator, text in conditions)
            and not ("IsConverted = false" in always and record.get("IsConverted"))
        ]
        newest = sorted(found, key=lambda record: str(record["LastModifiedDate"]), reverse=True)[: int(limit)]
        return 200, {"totalSize": len(newest), "done": True, "records": newest}

    def unseen(self, kind: str) -> set[str]:
        return self.hidden.get(kind, set())

    def change(self, kind: str, made: str, fields: dict[str, Any]) -> Reply:
        """By id: the external id may be written so."""
        self.check(kind, made, {name: value for name, value in fields.items() if name != KEY})
        key = fields.get(KEY)
        if kind == "Contact" and key and not self.contacts_have_key:
            refuse(400, "INVALID_FIELD", f"No such column '{KEY}' on sobject of type Contact", [KEY])
        if key and any(other != made and record.get(KEY) == key for other, record in self.records[kind].items()):
            refuse(400, "DUPLICATE_VALUE", f"duplicate value found: {KEY} duplicates value on another record")
        self.records[kind][made].update(fields)
        self.assign(kind, self.records[kind][made])
        return 204, None

    def delete(self, kind: str, made: str) -> Reply:
        """https://developer.salesforce.com, api_rest/dome_delete_record.htm: into the recycle bin, for 15 days."""
        if made not in self.records[kind]:
            refuse(404, "ENTITY_IS_DELETED", "entity is deleted")
        if self.may_not_delete or (self.activities_are_private and self.records[kind][made]["OwnerId"] != APP_USER):
            refuse(400, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
        del self.records[kind][made]
        return 204, None

    def assign(self, kind: str, record: dict[str, Any]) -> None:
        """https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_autoassign.htm: the rules
        are applied whenever a lead is made or updated, where the request does not say otherwise.
        """
        if kind == "Lead" and self.assigning and self.assigns_to:
            record["OwnerId"] = self.assigns_to

    def by_key(self, method: str, kind: str, key: str, query: str, body: bytes) -> Reply:
        if not self.key_is_there or (kind == "Contact" and not self.contacts_have_key):
            refuse(404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {KEY}")
        if FILES.fullmatch(key):
            refuse(404, "NOT_FOUND", "The requested resource does not exist")
        records = self.records[kind].items()
        matches = [made for made, record in records if str(record.get(KEY, "")).lower() == key.lower()]
        if len(matches) > 1:
            return 300, [f"/services/data/v62.0/sobjects/{kind}/{made}" for made in matches]
        made = matches[0] if matches else None
        return self.show(kind, made, query) if method == "GET" else self.upsert(kind, made, key, json.loads(body))

    def show(self, kind: str, made: str | None, query: str) -> Reply:
        if made is None:
            refuse(404, "NOT_FOUND", "The requested resource does not exist")
        fields = parse_qs(query).get("fields", [""])[0].split(",")
        if unseen := sorted(self.unseen(kind) & set(fields)):
            refuse(400, "INVALID_FIELD", f"No such column '{unseen[0]}' on sobject of type {kind}", [])
        record = {"Id": made, "IsConverted": False, "ConvertedContactId": None} | self.records[kind][made]
        shown = {name: value for name, value in record.items() if fields == [""] or name in fields}
        return 200, {"attributes": {"type": kind}} | shown

    def upsert(self, kind: str, made: str | None, key: str, fields: dict[str, Any]) -> Reply:
        self.check(kind, made, fields)
        new = made is None
        if new and kind == "Lead" and self.blocks_duplicates:
            refuse_duplicates(self.records, fields)
        made = made or f"{PREFIXES[kind]}{next(self.ids):015d}"
        kept = self.records[kind].setdefault(made, {KEY: key, "OwnerId": APP_USER})
        kept.update(fields)
        self.assign(kind, kept)
        if not new and self.quiet:
            return 204, None
        return 201 if new else 200, {"id": made, "success": True, "errors": [], "created": new}

    def check(self, kind: str, made: str | None, fields: dict[str, Any]) -> None:
        """Refuse what the real one refuses."""
        if unknown := sorted(fields.keys() - FIELDS[kind].keys() | fields.keys() & self.unseen(kind)):
            refuse(400, "INVALID_FIELD", f"No such column '{unknown[0]}' on sobject of type {kind}", unknown)
        if KEY in fields:
            refuse(400, "INVALID_FIELD", "The external id stands in the path, and may not stand in the body", [KEY])
        if kind in self.rules:
            code, names = self.rules[kind]
            if not names or fields.keys() & set(names):
                refuse(400, code, "A rule of the org refuses it", names)
        if ".." in fields.get("Email", ""):
            refuse(400, "INVALID_EMAIL_ADDRESS", "Email: invalid email address", ["Email"])
        kept = self.records[kind].get(made or "", {})
        if kind == "Event" and fields.get("StartDateTime") and fields.get("IsAllDayEvent", kept.get("IsAllDayEvent")):
            refuse(400, "FIELD_INTEGRITY_EXCEPTION", "An all-day event has a date and no time", ["StartDateTime"])
        if kept.get("IsConverted"):
            refuse(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        if made and (fixed := sorted(CREATE_ONLY & fields.keys())):
            refuse(400, "INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {fixed[0]}", fixed)
        owner = fields.get("OwnerId", APP_USER)
        if owner not in self.users:
            refuse(400, "INACTIVE_OWNER_OR_USER", f"operation performed with inactive user [{owner}] as owner", [])
        if made and kind in ("Task", "Event") and self.activities_are_private and kept["OwnerId"] != APP_USER:
            refuse(400, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
        needed = [name for name in NEEDED[kind] if name != "Company" or self.requires_company]
        if lacking := [name for name in needed if not (kept | fields).get(name)]:
            refuse(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: {lacking}", lacking)
        if kind == "Event" and not ({"StartDateTime", "ActivityDate"} & (kept | fields).keys()):
            refuse(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [ActivityDateTime]", ["StartDateTime"])
        for name, value in fields.items():
            if isinstance(value, str) and len(value) > FIELDS[kind][name]:
                refuse(400, "STRING_TOO_LONG", f"{name}: data value too large", [name])
        who = fields.get("WhoId")
        if who and who not in self.records["Lead"] | self.records["Contact"] and not who.startswith("003"):
            refuse(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ["WhoId"])

    def effects(self) -> list[dict[str, str]]:
        """An entry for each delivery and record that was made from it."""
        return [
            {"delivery_id": delivery, "where": f"{kind} {made}"}
            for kind in ("Task", "Event")
            for made, record in list(self.records[kind].items())
            for delivery in record.get("Description", "").rpartition("InboundFlow: ")[2].split()
        ]
