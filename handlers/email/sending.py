"""The way by which a message is sent: Resend's API, or a mail server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from receiver import Run

from .message import Message
from .settings import SMTP


class Sender(Protocol):
    def send(self, message: Message, run: Run) -> str:
        """The outcome: an id by which the message is found at the other side."""

    def check(self) -> Iterator[str]:
        """What `receiver doctor` shows; raises what is wrong. Sends nothing."""


def sender(settings: Mapping[str, str]) -> Sender:
    if SMTP in settings:
        from .smtp import MailServer

        return MailServer(settings)
    from .resend import Resend

    return Resend(settings)
