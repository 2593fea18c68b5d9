"""The mailbox: each message that was sent through the played Resend, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import plain
from .texts import say

if TYPE_CHECKING:
    from ..server import Destinations

SHOWN = 20
TEXT_CHARS = 20_000
LINES = 12  # of a message's text, where it is told as text


@dataclass(frozen=True, kw_only=True)
class Mail:
    sender: str
    to: str
    subject: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    mails: tuple[Mail, ...]  # newest first
    earlier: int  # that are not shown


def mailboxes(world: Destinations) -> list[Mailbox]:
    emails = list(world.resend.emails)
    shown = emails[-SHOWN:][::-1]
    return [Mailbox(mails=tuple(map(read, shown)), earlier=len(emails) - len(shown))] if emails else []


def read(email: dict[str, Any]) -> Mail:
    to = email["to"] if isinstance(email["to"], list) else [email["to"]]
    return Mail(
        sender=email["from"], to=", ".join(to), subject=email["subject"], text=str(email.get("text", ""))[:TEXT_CHARS]
    )


def lines(seen: Sequence[Mailbox], lang: str, width: int) -> list[str]:
    """The newest message; of the others the subject, as they would fill a terminal."""
    [mailbox] = seen
    newest, *others = mailbox.mails
    told = of_mail(newest, width) + [f"│ {plain.cut(plain.one_line(mail.subject), width - 2)}" for mail in others]
    return told + ([say("earlier", lang, n=mailbox.earlier)] if mailbox.earlier else [])


def of_mail(mail: Mail, width: int) -> list[str]:
    head = [plain.cut(plain.one_line(text), width - 2) for text in (mail.subject, f"{mail.sender} → {mail.to}")]
    body = plain.wrapped(mail.text.strip(), width - 2)
    rest = ["…"] if len(body) > LINES else []
    return [f"│ {line}".rstrip() for line in [*head, "", *body[:LINES], *rest]]
