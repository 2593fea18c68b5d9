"""Requests to Salesforce, and its token, which is kept while it is valid."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from receiver import GiveUp, Pause, RetryLater
from receiver.toolkit import check_status, send, send_json

from .refusals import RECIPE, lacks_field, meaning

if TYPE_CHECKING:
    import httpx

VERSION = "v62.0"
KEY = "InboundFlow_Key__c"
NOBODY = "receiver-doctor"  # a key that no record has
PEOPLE = ("Lead/", "Contact/")
ANSWER_BYTES = 1_000_000
# The org's rules assign a lead whenever it is written; one that is there already belongs to somebody. By its key it is
# only ever made.
NOT_AGAIN = {"Sforce-Auto-Assign": "FALSE"}
NO_WARNINGS = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}  # a rule that only warns would refuse the write

_tokens: dict[tuple[str, str, str], str] = {}
_users: dict[str, str] = {}
_mutex = threading.Lock()  # one thread of the process asks for a token, the others wait for it


class Client:
    def __init__(self, settings: Mapping[str, str]) -> None:
        self.base = settings["SALESFORCE_INSTANCE_URL"].rstrip("/")
        self.id, self.secret = settings["SALESFORCE_CLIENT_ID"], settings["SALESFORCE_CLIENT_SECRET"]

    def ask(
        self, method: str, path: str, body: Any = None, *, may_be_missing: bool = False, may_lack_field: bool = False
    ) -> Any:
        """The answer as JSON; None where it has none, or where there is no such record and that is no error; False
        where there is no such external id and that is none either.
        """
        token = self.token()
        answer = self.send(method, path, body, token)
        if answer.status_code == 401:  # a token is valid for as long as the org says: get a new one, once
            answer = self.send(method, path, body, self.token(instead_of=token))
        content = read(answer)
        if may_be_missing and answer.status_code == 404 and not lacks_field(content):
            return None
        if may_lack_field and answer.status_code == 404:
            return False
        if answer.status_code == 404 and "/" in path and not lacks_field(content):
            self.ask("GET", f"{path.partition('/')[0]}/{KEY}/{NOBODY}?fields=Id", may_be_missing=True)
            raise GiveUp(f"Salesforce answered 404 to one record, while {KEY} is there: it was deleted, or is hidden")
        if not 200 <= answer.status_code < 300:
            raise meaning(answer.status_code, content, answer.headers, is_person=path.startswith(PEOPLE))
        if answer.content and content is None:
            raise RetryLater("Salesforce answered with something other than JSON")
        return content

    def query(self, queries: Mapping[str, str]) -> dict[str, tuple[int, Any]]:
        """Status and content of the answer to each, all asked for in one request."""
        start = f"/services/data/{VERSION}/query?q="
        parts = [{"method": "GET", "referenceId": name, "url": start + quote(q)} for name, q in queries.items()]
        answer = self.ask("POST", "composite", {"allOrNone": False, "compositeRequest": parts})
        answers = answer.get("compositeResponse") if isinstance(answer, dict) else None
        if not isinstance(answers, list) or len(answers) != len(queries):
            raise RetryLater("Salesforce's answer to a query is none")
        return {str(part["referenceId"]): (int(part["httpStatusCode"]), part.get("body")) for part in answers}

    def send(self, method: str, path: str, body: Any, token: str) -> httpx.Response:
        room = "" if path == "composite" else "sobjects/"
        url = f"{self.base}/services/data/{VERSION}/{room}{path}"
        headers = NO_WARNINGS if f"/{KEY}/" in path else NO_WARNINGS | NOT_AGAIN
        return send_json(method, url, body, token=token, headers=headers, answer_bytes=ANSWER_BYTES)

    def token(self, *, instead_of: str = "") -> str:
        """The process's token; a new one where there is none, or only the one that was refused."""
        key = self.base, self.id, self.secret
        with _mutex:
            if _tokens.get(key, "") in ("", instead_of):
                _tokens.pop(key, None)
                _tokens[key] = self.new_token()
            return _tokens[key]

    @property
    def user(self) -> str:
        """The id of the user that the app runs as, "" where Salesforce did not say so."""
        return _users.get(self.base, "")

    def new_token(self) -> str:
        """By OAuth's client-credentials flow."""
        form = {"grant_type": "client_credentials", "client_id": self.id, "client_secret": self.secret}
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "identity"}
        answer = send("POST", f"{self.base}/services/oauth2/token", content=urlencode(form).encode(), headers=kind)
        body = read(answer)
        if answer.status_code in (400, 401, 403, 404):
            raise no_token(answer.status_code, body)
        check_status(answer.status_code, answer.headers, what="Salesforce's token endpoint")
        if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
            raise RetryLater("Salesforce's token endpoint answered with no token")
        if named := re.search(r"/(005\w{12,15})$", str(body.get("id", ""))):
            _users[self.base] = named[1]
        return str(body["access_token"])


def no_token(status: int, body: Any) -> Pause:
    why = str(body.get("error", "")) if isinstance(body, dict) else ""
    code = f" {why}" if re.fullmatch(r"[a-z_]{3,60}", why) else ""
    new = " (an app that was just made is not known for up to ten minutes)" if why == "invalid_client_id" else ""
    return Pause(
        f"Salesforce gives no token ({status}{code}){new}: check SALESFORCE_INSTANCE_URL, "
        f"SALESFORCE_CLIENT_ID, SALESFORCE_CLIENT_SECRET and the app's client-credentials flow; {RECIPE}"
    )


def read(answer: httpx.Response) -> Any:
    try:
        return answer.json() if answer.content else None
    except (ValueError, RecursionError):
        return None
