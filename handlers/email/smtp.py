"""A mail server, by SMTP over TLS, and what its refusals mean.

A server that takes the message says so after its last line. Where the connection is lost before that, nobody knows
whether it was taken: it is sent again, with the same Message-ID, so a mailbox may hold it twice.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import Any

from receiver import GiveUp, Pause, RetryLater, Run
from receiver.toolkit import Refusal, allowed_hosts, time_left_s

from .message import Message, as_mime, idempotency_key
from .settings import SMTP, from_address, read_server

STEP_S = 8  # for each answer of the server
BUSY_S = 30
BLOCKED = "some hosts block mail servers' ports (Railway and Render do on small plans): try port 2525, or Resend"
AUTHENTICATION = "the mail server does not take the user and password in SMTP_URL; some providers want an app password"
SENDER = "the mail server does not send from EMAIL_FROM: use an address of the account in SMTP_URL, or allow this one"
RELAY = "the mail server refuses to pass mail on: does SMTP_URL need a user and password, and is EMAIL_FROM theirs?"
IN_CLEAR = "the mail server offers no encryption (STARTTLS): use smtps://, or another port"
CERTIFICATE = "the host in SMTP_URL should be one that it names; SMTP_CA_FILE holds the certificate of your own CA"
LOST = "the connection was lost before the mail server said that it has the message: if it has, it comes twice"
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")


class Timed:
    """smtplib's client, each of whose steps ends with the attempt's time."""

    sock: socket.socket | None

    def send(self, data: Any) -> None:
        self.limit()
        super().send(data)  # type: ignore[misc]

    def getreply(self) -> tuple[int, bytes]:
        self.limit()
        return super().getreply()  # type: ignore[misc, no-any-return]

    def limit(self) -> None:
        if self.sock:
            self.sock.settimeout(time_left_s(STEP_S))


class Plain(Timed, smtplib.SMTP):
    pass


class Encrypted(Timed, smtplib.SMTP_SSL):
    pass


class MailServer:
    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = settings
        self.sender = from_address(settings["EMAIL_FROM"])
        self.scheme, self.host, self.port, self.user, self.password = read_server(settings[SMTP])

    def send(self, message: Message, run: Run) -> str:
        mime = as_mime(message, run)
        if self.host.endswith("resend.com"):  # https://resend.com/docs/dashboard/emails/idempotency-keys
            mime["Resend-Idempotency-Key"] = idempotency_key(run)
        with self.session() as client:
            run.check_lease()
            hand_over(client, mime, self.sender.addr_spec, self.settings["recipient"])
        return f"taken by {self.host} as {mime['Message-ID']}"

    def check(self) -> Iterator[str]:
        with self.session() as client:
            client.noop()
        yield f"{self.host} can be reached" + (", and takes user and password" if self.user else "")

    @contextmanager
    def session(self) -> Iterator[smtplib.SMTP]:
        """A connection that is encrypted and signed in. Raises what its refusals mean."""
        client: smtplib.SMTP | None = None
        try:
            client = self.connected()
            yield client
            with suppress(OSError, RetryLater):  # the message is taken by now
                client.quit()
        except OSError as error:
            raise meaning(error) from error
        finally:
            if client:
                client.close()

    def connected(self) -> smtplib.SMTP:
        context, timeout = self.context(), time_left_s(STEP_S)
        name = self.sender.domain  # else smtplib looks this machine's own name up, for as long as that takes
        if self.scheme == "smtps":
            client: smtplib.SMTP = Encrypted(self.host, self.port, name, timeout=timeout, context=context)
        else:
            client = Plain(self.host, self.port, name, timeout=timeout)
            client.ehlo_or_helo_if_needed()
            if client.has_extn("starttls"):
                client.starttls(context=context)
            elif not self.is_allowed_in_clear:
                raise Pause(IN_CLEAR)
        if self.user:
            client.login(self.user, self.password)
        return client

    @property
    def is_allowed_in_clear(self) -> bool:
        return f"{self.host}:{self.port}" in allowed_hosts(self.settings["FORWARD_ALLOW_HOSTS"])

    def context(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.settings["SMTP_CA_FILE"] or None)
        except OSError as error:
            raise Pause("SMTP_CA_FILE cannot be read: it should be the path of a certificate, as PEM") from error


def hand_over(client: smtplib.SMTP, mime: EmailMessage, sender: str, recipient: str) -> None:
    accepted("MAIL", client.mail(sender))
    accepted("RCPT", client.rcpt(recipient))
    try:
        answer = client.data(mime.as_bytes())
    except smtplib.SMTPDataError as error:  # before the message; it is an OSError, as all of smtplib's are
        raise refused("DATA", error.smtp_code, as_bytes(error.smtp_error)) from error
    except OSError as error:
        raise RetryLater(f"{LOST} ({type(error).__name__})", failure="no-answer") from error
    accepted("DATA", answer)


def accepted(step: str, answer: tuple[int, bytes]) -> None:
    """Raise what the answer to a step means, where it is a refusal."""
    if not 200 <= answer[0] < 300:
        raise refused(step, *answer)


def refused(step: str, status: int, text: bytes) -> Refusal:
    """What to raise for an answer to a step. Its text may repeat what was sent, so only its code is shown."""
    enhanced = match[0] if (match := ENHANCED.match(text.decode(errors="replace"))) else ""
    said = " ".join(filter(None, ["the mail server answered", str(status), enhanced, f"to {step}"]))
    failure = f"refused-{status}"
    if status < 500:
        return RetryLater(said, delay_s=BUSY_S, cooldown=status == 421, failure=failure)
    if step in ("EHLO", "AUTH") or status in (530, 535) or enhanced.startswith("5.7.57"):
        return Pause(f"{said}: {AUTHENTICATION}", failure=failure)
    if enhanced == "5.7.60" or (step == "MAIL" and status != 552):
        return Pause(f"{said}: {SENDER}", failure=failure)
    if step == "RCPT" and enhanced.startswith("5.7."):
        return Pause(f"{said}: {RELAY}", failure=failure)
    about = "this recipient" if step == "RCPT" else "this message"
    return GiveUp(f"{said}: it does not take {about}", failure=failure)


def meaning(error: Exception) -> Refusal:
    """What to raise for a failure on the way to the server, or in its answers before a message."""
    if isinstance(error, smtplib.SMTPResponseException):
        step = "AUTH" if isinstance(error, smtplib.SMTPAuthenticationError) else "EHLO"
        return refused(step, error.smtp_code, as_bytes(error.smtp_error))
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Pause(f"the mail server takes no user and password here: name another port in {SMTP}, or neither")
    if isinstance(error, ssl.SSLCertVerificationError):
        return RetryLater(f"the mail server's certificate is not valid: {CERTIFICATE}", failure="tls")
    if isinstance(error, ssl.SSLError):
        return RetryLater("the mail server's encryption does not hold: smtps:// is for port 465", failure="tls")
    if isinstance(error, socket.gaierror):
        return RetryLater(f"the mail server's name was not found: look at {SMTP}", failure="dns")
    if isinstance(error, TimeoutError):
        return RetryLater(f"the mail server did not answer in time: {BLOCKED}", failure="timeout")
    if isinstance(error, ConnectionRefusedError):
        return RetryLater(f"nobody answers at the mail server's port: {BLOCKED}", failure="connect")
    return RetryLater(f"the connection to the mail server was lost ({type(error).__name__})", failure="no-answer")


def as_bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode(errors="replace")
