"""Resend's API: https://resend.com/docs/api-reference/emails/send-email, and what its errors mean.

https://resend.com/docs/api-reference/errors, https://resend.com/docs/dashboard/emails/idempotency-keys
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from receiver import GiveUp, Pause, RetryLater, Run
from receiver.toolkit import Refusal, refusal, retry_after_s, send_json

from .message import Message, headers, idempotency_key
from .settings import RESEND_KEY, from_address, recipients

if TYPE_CHECKING:
    import httpx

BUSY_S, CONCURRENT_S, QUOTA_S = 2, 5, 3600
RESUME = "receiver resume email.send"
SENT_BEFORE = "sent by an earlier attempt"
DOMAIN = "Resend has not verified the domain of EMAIL_FROM: add it under resend.com/domains and set its DNS records"
TESTING = "from resend.dev Resend writes to the account's owner alone: verify your own domain, and use it in EMAIL_FROM"
SUPPRESSED = (
    "Resend skips this recipient, where a message bounced or was called spam: see resend.com/emails/suppressions"
)
KEY = f"{RESEND_KEY} is not valid (any more), or may not send from this domain"


class Resend:
    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = settings

    def send(self, message: Message, run: Run) -> str:
        run.check_lease()
        extra = {"Idempotency-Key": idempotency_key(run)}
        answer = self.ask("POST", "/emails", body_of(message, run), extra)
        if code(answer) == "invalid_idempotent_request":  # under our key, with what was known then
            return SENT_BEFORE
        if not 200 <= answer.status_code < 300:
            raise meaning(answer)
        return f"Resend's message {identity(answer)}"

    def check(self) -> Iterator[str]:
        """Whether the key is taken and the domain verified; a key that may only send is told nothing of domains."""
        answer = self.ask("GET", "/domains", None, {})
        if code(answer) == "restricted_api_key":
            yield "Resend takes the key; as it may only send, the first message shows whether the domain is verified"
            return
        if answer.status_code != 200:
            raise meaning(answer)
        domain = from_address(self.settings["EMAIL_FROM"]).domain.lower()
        if domain not in verified(answer):
            raise Pause(DOMAIN)
        yield f"Resend takes the key, and has verified {domain}"
        yield from self.check_recipient()

    def check_recipient(self) -> Iterator[str]:
        """What is on the list is skipped without a word: https://resend.com/docs/dashboard/emails/email-suppressions"""
        answer = self.ask("GET", "/suppressions?limit=100", None, {})
        if self.settings["recipient"].lower() in {str(each.get("email", "")).lower() for each in listed(answer)}:
            raise GiveUp(SUPPRESSED)
        if answer.status_code == 200:
            yield "Resend does not suppress this recipient"

    def ask(self, method: str, path: str, body: Any, extra: Mapping[str, str]) -> httpx.Response:
        url = self.settings["RESEND_API_URL"].rstrip("/") + path
        return send_json(method, url, body, token=self.settings[RESEND_KEY], headers=extra)


def body_of(message: Message, run: Run) -> dict[str, Any]:
    return {
        "from": str(from_address(run.settings["EMAIL_FROM"])),
        "to": [run.settings["recipient"]],
        "reply_to": recipients(run.settings["EMAIL_TO"]),
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "headers": headers(message, run),
    }


def meaning(answer: httpx.Response) -> Refusal:
    """What to raise for an answer that is no success. Its sentences may repeat an address, so none is shown."""
    status, slug, sentence = answer.status_code, code(answer), message_in(answer).lower()
    said = " ".join(filter(None, ["Resend answered", str(status), slug]))
    if status == 429:
        return too_often(slug, said, answer.headers)
    if slug == "concurrent_idempotent_requests":
        return RetryLater(f"{said}: the attempt before is not finished there", delay_s=CONCURRENT_S)
    if "testing emails" in sentence:
        return Pause(f"{said}: {TESTING}")
    if "not verified" in sentence or slug == "invalid_from_address":
        return Pause(f"{said}: {DOMAIN}")
    if status in (401, 403) or "api key" in sentence:
        return Pause(f"{said}: {KEY}")
    if status in (400, 422):
        about = "this message, or this recipient's address"
        return GiveUp(f"{said}: it does not take {about}", failure=f"refused-{status}")
    return refusal(status, answer.headers, what=f"Resend ({slug})" if slug else "Resend")


def too_often(slug: str, said: str, headers: Mapping[str, str]) -> Refusal:
    """Called too often within a second, or the messages of the plan are used up for the day or the month."""
    wait_s = retry_after_s(headers) or BUSY_S
    if slug in ("daily_quota_exceeded", "monthly_quota_exceeded"):
        return RetryLater(f"{said}: the plan's messages are used up", delay_s=max(wait_s, QUOTA_S), cooldown=True)
    return RetryLater(said, delay_s=wait_s, cooldown=True)


def document(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def code(answer: httpx.Response) -> str:
    """Resend's name for an error; "" where it gives none."""
    name = str(document(answer).get("name", ""))
    return name if answer.status_code >= 400 and re.fullmatch(r"[a-z_]{3,60}", name) else ""


def message_in(answer: httpx.Response) -> str:
    return str(document(answer).get("message", ""))


def identity(answer: httpx.Response) -> str:
    name = str(document(answer).get("id", ""))
    return name if re.fullmatch(r"[\w-]{1,80}", name, re.ASCII) else "without an id"


def verified(answer: httpx.Response) -> set[str]:
    return {str(each.get("name", "")).lower() for each in listed(answer) if each.get("status") == "verified"}


def listed(answer: httpx.Response) -> list[dict[str, Any]]:
    rows = document(answer).get("data")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
