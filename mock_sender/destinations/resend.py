"""Resend's API for sending: POST /emails with its idempotency keys, and GET /domains.

https://resend.com/docs/api-reference/emails/send-email, …/api-reference/errors, …/api-reference/rate-limit,
https://resend.com/docs/dashboard/emails/idempotency-keys, …/email-suppressions


Amazon SES, through which Resend sends, puts an id of its own in the place of Message-ID, and leaves In-Reply-To and
References as they are (github.com/resend/resend-node/issues/133).
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
import uuid
from contextlib import suppress
from typing import Any

KEY, SENDING_KEY = "re_demo_0000", "re_sending_0000"  # of full access, and one that may only send
DOMAIN, OWNER = "acme.example", "owner@acme.example"
KEPT_S = 24 * 3600  # "We keep idempotency keys in our system for 24 hours"
ADDRESS = re.compile(r"(?:[^<>]*<)?[^\s@<>]+@([^\s@<>]+\.[^\s@<>]+)>?")

Reply = tuple[int, Any]


class Resend:
    """`slow` holds keys whose first request is not finished; `now` is the clock by which keys are forgotten."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.emails: list[dict[str, Any]] = []
        self.keys: dict[str, tuple[float, str, str]] = {}  # key: until when, digest of the body, id
        self.slow: set[str] = set()
        self.suppressed: set[str] = set()
        self.domains = {DOMAIN: "verified"}
        self.now = time.time

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Reply:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if not token:
            return refusal(401, "missing_api_key", "Missing API Key")
        if token not in (KEY, SENDING_KEY):
            return refusal(401 if path == "/emails" else 400, "validation_error", "API key is invalid")
        if (method, path) == ("GET", "/domains"):
            return self.listed(token)
        if (method, path) == ("GET", "/suppressions"):
            return self.list_suppressed(token)
        if (method, path) != ("POST", "/emails"):
            return refusal(404, "not_found", "The requested endpoint does not exist.")
        with self.mutex:
            return self.send(headers.get("idempotency-key", ""), body)

    def listed(self, token: str) -> Reply:
        if token == SENDING_KEY:
            return refusal(401, "restricted_api_key", "This API key is restricted to only send emails")
        data = [{"id": name, "name": name, "status": status} for name, status in self.domains.items()]
        return 200, {"object": "list", "has_more": False, "data": data}

    def list_suppressed(self, token: str) -> Reply:
        if token == SENDING_KEY:
            return refusal(401, "restricted_api_key", "This API key is restricted to only send emails")
        data = [{"object": "suppression", "email": address, "origin": "bounce"} for address in sorted(self.suppressed)]
        return 200, {"object": "list", "has_more": False, "data": data}

    def send(self, key: str, body: bytes) -> Reply:
        digest = hashlib.sha256(body).hexdigest()
        if len(key) > 256:
            return refusal(400, "invalid_idempotency_key", "The key must be between 1-256 chars.")
        if key in self.slow:
            return refusal(409, "concurrent_idempotent_requests", "Same idempotency key used while in progress.")
        if key in self.keys and self.keys[key][0] > self.now():
            _, before, made = self.keys[key]
            if before != digest:
                return refusal(409, "invalid_idempotent_request", "Same idempotency key used with another payload.")
            return 200, {"id": made}
        email: dict[str, Any] = {}
        with suppress(ValueError):
            email = json.loads(body)
        refused = self.refused(email)
        if refused:
            return refused
        return 200, {"id": self.keep(key, digest, email)}

    def keep(self, key: str, digest: str, email: dict[str, Any]) -> str:
        made = str(uuid.uuid4())
        if key:
            self.keys[key] = (self.now() + KEPT_S, digest, made)
        # Who is suppressed gets nothing, and the answer does not say so.
        last_event = "suppressed" if set(email["to"]) & self.suppressed else "delivered"
        self.emails.append(
            email | {"id": made, "last_event": last_event, "message_id": f"<{made}@email.amazonses.com>"}
        )
        return made

    def refused(self, email: dict[str, Any]) -> Reply | None:
        missing = [name for name in ("from", "to", "subject") if not email.get(name)]
        if missing:
            return refusal(422, "missing_required_field", f"Missing `{missing[0]}` field.")
        sender = ADDRESS.fullmatch(email["from"])
        if not sender:
            return refusal(422, "invalid_from_address", "Invalid `from` field.")
        recipients = email["to"] if isinstance(email["to"], list) else [email["to"]]
        if len(recipients) > 50 or not all(ADDRESS.fullmatch(to) and to.isascii() for to in recipients):
            return refusal(422, "validation_error", "Invalid `to` field. The email address needs to follow the format.")
        if any("\n" in value or "\r" in value for value in (email["subject"], *email.get("headers", {}).values())):
            return refusal(422, "validation_error", "The \\n is not allowed in the `subject` field.")
        return self.refused_domain(sender[1].lower(), recipients)

    def refused_domain(self, domain: str, recipients: list[str]) -> Reply | None:
        if domain == "resend.dev" and recipients != [OWNER]:
            text = f"You can only send testing emails to your own email address ({OWNER}). Please verify a domain"
            return refusal(403, "validation_error", text)
        if domain != "resend.dev" and self.domains.get(domain) != "verified":
            text = (
                f"The {domain} domain is not verified. Please, add and verify your domain on https://resend.com/domains"
            )
            return refusal(403, "validation_error", text)
        return None

    def effects(self) -> list[dict[str, str]]:
        return [{"delivery_id": "", "where": f"e-mail {email['id']} to {email['to'][0]}"} for email in self.emails]


def refusal(status: int, name: str, message: str) -> Reply:
    return status, {"statusCode": status, "name": name, "message": message}
