"""The rules by which the played Salesforce finds and refuses records."""

from __future__ import annotations

import re
from typing import Any, NoReturn

KEY = "InboundFlow_Key__c"
PREFIXES = {"Lead": "00Q", "Task": "00T", "Event": "00U", "Contact": "003", "Account": "001"}
PERSON = {"OwnerId": 18, "FirstName": 40, "LastName": 80, "Phone": 40, "MobilePhone": 40, "Email": 80, KEY: 255}
FIELDS = {  # with the most characters that a text may have
    "Lead": PERSON | {"Company": 255, "LeadSource": 40},
    "Contact": PERSON | {"HomePhone": 40},
    "Account": {
        "Phone": 40, "PersonMobilePhone": 40, "PersonHomePhone": 40, "PersonEmail": 80, "PersonContactId": 18,
        "OwnerId": 18,
    },
    "Task": {
        "Subject": 255, "Description": 32_000, "Status": 40, "TaskSubtype": 40, "ActivityDate": 10, "CallType": 40,
        "CallDurationInSeconds": 0, "WhoId": 18, "OwnerId": 18, KEY: 255,
    },
    "Event": {
        "Subject": 255, "Description": 32_000, "WhoId": 18, "StartDateTime": 30, "DurationInMinutes": 0,
        "IsAllDayEvent": 0, "ActivityDate": 10, "OwnerId": 18, KEY: 255,
    },
}  # fmt: skip
NEEDED = {"Lead": ["LastName", "Company"], "Contact": ["LastName"], "Account": [], "Task": [], "Event": []}
CREATE_ONLY = {"TaskSubtype"}
# A key that ends as a file does is answered with 404: api_rest/resources_sobject_upsert_patch.htm
FILES = re.compile(r".*\.(inc|json|xml)", re.IGNORECASE)
SOQL = re.compile(r"SELECT ([\w,]+) FROM (\w+) WHERE (.*?)\((.*)\) ORDER BY LastModifiedDate DESC LIMIT (\d+)")
CONDITION = re.compile(r"(\w+) (LIKE|=) '((?:[^'\\]|\\.)*)'")


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str, fields: list[str], **more: Any) -> None:
        super().__init__(code)
        self.reply = status, [{"errorCode": code, "message": message, "fields": fields, **more}]


def refuse(status: int, code: str, message: str, fields: list[str] | None = None, **more: Any) -> NoReturn:
    raise Refused(status, code, message, fields or [], **more)


def is_like(value: Any, operator: str, wanted: str) -> bool:
    """As SOQL compares: without regard to case, % for anything."""
    if value is None:
        return False
    text = re.sub(r"\\(.)", r"\1", wanted)
    pattern = ".*".join(map(re.escape, text.split("%"))) if operator == "LIKE" else re.escape(text)
    return bool(re.fullmatch(pattern, str(value), re.IGNORECASE | re.DOTALL))


def digits(value: Any) -> str:
    return re.sub(r"\D", "", str(value or ""))[-10:]


def refuse_duplicates(records: dict[str, dict[str, dict[str, Any]]], fields: dict[str, Any]) -> None:
    """A rule set to Block, as https://gitlab.com/gitlab-org/customers-gitlab-com/-/issues/7138 shows its answer."""
    same = [
        {"record": {"attributes": {"type": kind}, "Id": made}}
        for kind in ("Contact", "Lead")
        for made, record in records[kind].items()
        if (fields.get("Email") and record.get("Email") == fields["Email"])
        or (fields.get("Phone") and digits(record.get("Phone")) == digits(fields["Phone"]))
    ]
    if same:
        result = {"allowSave": False, "matchResults": [{"entityType": "Contact", "matchRecords": same}]}
        refuse(400, "DUPLICATES_DETECTED", "Use one of these records?", duplicateResut=result)
