"""A message that is ready to send, and its ids: nothing that a caller said stands in a header."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from receiver import Run

from .settings import from_address, recipients


@dataclass(frozen=True, kw_only=True)
class Message:
    """`thread` is the id that all messages of a call refer to, "" where they are of none."""

    subject: str
    text: str
    html: str
    thread: str = ""
    begins_thread: bool = True


def idempotency_key(run: Run) -> str:
    """The same for every attempt at one delivery for one recipient."""
    parts = (run.delivery.source, run.delivery.key, run.target, run.settings["EMAIL_FROM"])
    return f"inboundflow/{digest(*parts)}"


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:40]


def message_id(kind: str, name: str, settings: Mapping[str, str]) -> str:
    """An id of our own, at the domain of the sender."""
    return f"<{kind}.{digest(name)}@{from_address(settings['EMAIL_FROM']).domain}>"


def headers(message: Message, run: Run) -> dict[str, str]:
    """All but the usual ones. Some services put an id of their own in the place of Message-ID, so the first message of
    a call refers to the call's id as its replies do: that alone keeps them together.
    """
    own = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}  # out-of-office replies go nowhere
    if not message.thread:
        return own
    refers = {"References": message.thread}
    return own | refers | ({} if message.begins_thread else {"In-Reply-To": message.thread})


def as_mime(message: Message, run: Run) -> EmailMessage:
    """The whole message for SMTP: plain text, and HTML for those who can show it."""
    mime = EmailMessage(policy=SMTP)
    mime["From"] = from_address(run.settings["EMAIL_FROM"])
    mime["To"] = run.settings["recipient"]
    mime["Reply-To"] = ", ".join(recipients(run.settings["EMAIL_TO"]))  # so that an answer reaches the colleagues
    mime["Subject"] = message.subject
    mime["Date"] = format_datetime(datetime.now(UTC))
    mime["Message-ID"] = message_id("delivery", f"{run.delivery.key}\0{run.target}", run.settings)
    for name, value in headers(message, run).items():
        mime[name] = value
    mime.set_content(message.text, cte="quoted-printable")
    mime.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mime
