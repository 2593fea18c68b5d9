"""Requests to Salesforce: its token, kept while it holds, and what its answers mean for a run."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import urlencode

import httpx

from receiver import GiveUp, Pause, RetryLater
from receiver.toolkit import check_status, retry_after_s, send, send_json

VERSION = "v62.0"
ANSWER_BYTES = 1_000_000
NO_WARNINGS = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}  # a rule that only warns, warns nobody here
DAILY_S, LOCKED_S = 3600, 5
RECIPE = "see recipes/salesforce.md"
# What every next call would be told too.
SETTLED = {
    "INVALID_FIELD": f"a custom field is missing, or hidden from the user that the app runs as: {RECIPE}",
    "INVALID_FIELD_FOR_INSERT_UPDATE": f"a field may not be written by the user that the app runs as: {RECIPE}",
    "INVALID_TYPE": f"the user that the app runs as may not use this object: {RECIPE}",
    "REQUIRED_FIELD_MISSING": "the object requires a field that only people fill in: make it optional for the API",
    "API_DISABLED_FOR_ORG": "this edition of Salesforce has no API, or the user that the app runs as may not use it",
    "INSUFFICIENT_ACCESS": f"the user that the app runs as may not write this: {RECIPE}",
}
LATER = {
    "UNABLE_TO_LOCK_ROW": "somebody else was changing it",
    "CANNOT_UPDATE_CONVERTED_LEAD": "the lead was converted meanwhile",
    "ENTITY_IS_DELETED": "the lead was deleted meanwhile",
    "INVALID_CROSS_REFERENCE_KEY": "the lead was deleted or merged meanwhile",
    "SERVER_UNAVAILABLE": "it is overloaded",
}
FOR_GOOD = {
    "DUPLICATES_DETECTED": "a duplicate rule blocks it: another lead or contact has this e-mail or number",
}

_tokens: dict[tuple[str, str, str], str] = {}
_mutex = threading.Lock()  # one thread of the process asks for a token, the others wait for it


class Client:
    def __init__(self, settings: Mapping[str, str]) -> None:
        self.base = settings["SALESFORCE_INSTANCE_URL"].rstrip("/")
        self.id, self.secret = settings["SALESFORCE_CLIENT_ID"], settings["SALESFORCE_CLIENT_SECRET"]

    def ask(self, method: str, path: str, body: Any = None, *, none_is_fine: bool = False) -> Any:
        """The answer as JSON; None where it has none, or where nothing is there and that is fine."""
        token = self.token()
        answer = self.send(method, path, body, token)
        if answer.status_code == 401:  # a token holds for as long as the org says: get a new one, once
            answer = self.send(method, path, body, self.token(instead_of=token))
        if none_is_fine and answer.status_code == 404 and not lacks_field(read(answer)):
            return None
        if not 200 <= answer.status_code < 300:
            refused(answer)
        said = read(answer)
        if answer.content and said is None:
            raise RetryLater("Salesforce answered with something other than JSON")
        return said

    def send(self, method: str, path: str, body: Any, token: str) -> httpx.Response:
        url = f"{self.base}/services/data/{VERSION}/sobjects/{path}"
        return send_json(method, url, body, token=token, headers=NO_WARNINGS, answer_bytes=ANSWER_BYTES)

    def token(self, *, instead_of: str = "") -> str:
        """The process's token; a new one where there is none, or only the one that was refused."""
        key = self.base, self.id, self.secret
        with _mutex:
            if _tokens.get(key, "") in ("", instead_of):
                _tokens.pop(key, None)
                _tokens[key] = self.new_token()
            return _tokens[key]

    def new_token(self) -> str:
        """By OAuth's client-credentials flow."""
        form = {"grant_type": "client_credentials", "client_id": self.id, "client_secret": self.secret}
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "identity"}
        answer = send(
            "POST", f"{self.base}/services/oauth2/token", content=urlencode(form).encode(), headers=kind,
        )  # fmt: skip
        said = read(answer)
        if answer.status_code in (400, 401, 403, 404):
            why = str(said.get("error", "")) if isinstance(said, dict) else ""
            code = f" {why}" if re.fullmatch(r"[a-z_]{3,60}", why) else ""
            raise Pause(
                f"Salesforce gives no token ({answer.status_code}{code}): check SALESFORCE_INSTANCE_URL, "
                f"SALESFORCE_CLIENT_ID, SALESFORCE_CLIENT_SECRET and the app's client-credentials flow; {RECIPE}"
            )
        check_status(answer.status_code, answer.headers, what="Salesforce's token endpoint")
        if not isinstance(said, dict) or not isinstance(said.get("access_token"), str):
            raise RetryLater("Salesforce's token endpoint answered with no token")
        return str(said["access_token"])


def read(answer: httpx.Response) -> Any:
    try:
        return answer.json() if answer.content else None
    except (ValueError, RecursionError):
        return None


def refused(answer: httpx.Response) -> NoReturn:
    """Raise what a refusal means; nothing of it is repeated but its codes and the names of fields."""
    status, said = answer.status_code, read(answer)
    errors = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    codes = [code for one in errors if re.fullmatch(r"[A-Z][A-Z0-9_]{2,79}", code := str(one.get("errorCode")))]
    reason = " ".join(["Salesforce answered", str(status), *codes])
    fields = sorted(
        {name for one in errors for name in one.get("fields") or [] if re.fullmatch(r"\w{1,80}", str(name))}
    )
    on = f" ({', '.join(fields)})" if fields else ""
    wait_s = retry_after_s(answer.headers)
    if "REQUEST_LIMIT_EXCEEDED" in codes:
        raise RetryLater(f"{reason}: the requests of a day are used up", delay_s=DAILY_S, cooldown=True)
    for code, why in LATER.items():
        if code in codes:
            raise RetryLater(f"{reason}: {why}", delay_s=wait_s or (LOCKED_S if code == "UNABLE_TO_LOCK_ROW" else None))
    for code, why in FOR_GOOD.items():
        if code in codes:
            raise GiveUp(f"{reason}: {why}")
    for code, why in SETTLED.items():
        if any(one.startswith(code) for one in codes):
            raise Pause(f"{reason}{on}: {why}")
    if status == 300:
        raise GiveUp(f"{reason}: several records have this key; make InboundFlow_Key__c unique, and merge them")
    if status == 404:
        raise Pause(f"{reason}: InboundFlow_Key__c is missing, or hidden from the user that the app runs as: {RECIPE}")
    check_status(status, answer.headers, what=f"Salesforce ({', '.join(codes)}){on}" if codes else "Salesforce")
    raise RetryLater(reason)


def lacks_field(said: Any) -> bool:
    """Whether a 404 is about the external id itself, and not about a record."""
    return isinstance(said, list) and any("external id field" in str(one).lower() for one in said)
