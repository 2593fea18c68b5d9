"""What the variables say: to whom, from whom, which calls, and through which server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.headerregistry import Address
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from receiver import ConfigurationError
from receiver.toolkit import DAILY_AT, is_email

RESEND = "https://api.resend.com"
RESEND_KEY, SMTP = "RESEND_API_KEY", "SMTP_URL"
CALLS = ("all", "urgent", "none")
TIME = re.compile(r"(([01]?[0-9]|2[0-3]):[0-5][0-9])?")
SEPARATORS = re.compile(r"[,;\s]+")
MOST = 20  # recipients: each is a request of its own
# Nobody can show Resend that one of these is theirs: https://resend.com/docs/dashboard/domains/introduction
SHARED_DOMAINS = {
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com",
    "aol.com", "gmx.com", "gmx.net", "proton.me", "protonmail.com", "hotmail.es", "outlook.es", "yahoo.es",
}  # fmt: skip
PORTS = {"smtp": 587, "smtps": 465}
NAME = re.compile(r"[^\"<>@,;:\\\x00-\x1f\x7f]{0,60}")


def read_targets(settings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """A target for each recipient of calls, and one for each recipient of the day's summary.

    A recipient whose mailbox is full, or gone, holds up no other, and is no reason to write to the others again.
    """
    sender = from_address(settings["EMAIL_FROM"])
    check_server(settings, sender.domain.lower())
    calls, digest_at = settings["EMAIL_CALLS"].lower(), settings["EMAIL_DIGEST_AT"]
    check_choice(calls, digest_at)
    addresses = recipients(settings["EMAIL_TO"])
    own = {address: {**settings, "EMAIL_CALLS": calls, "recipient": address} for address in addresses}
    targets = own if calls != "none" else {}
    daily = {f"{address}/summary": {**values, DAILY_AT: digest_at} for address, values in own.items() if digest_at}
    return targets | daily


def alert_targets(settings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """One for each recipient of alerts. Raises ConfigurationError."""
    check_server(settings, from_address(settings["EMAIL_FROM"]).domain.lower())
    addresses = recipients(settings["ALERT_EMAIL"], "ALERT_EMAIL")
    return {address: {**settings, "EMAIL_TO": address, "recipient": address} for address in addresses}


def check_choice(calls: str, digest_at: str) -> None:
    """Raises ConfigurationError where nothing would ever be sent, or nobody knows when."""
    if calls not in CALLS:
        raise ConfigurationError(f"EMAIL_CALLS should be one of: {', '.join(CALLS)}")
    if calls == "none" and not digest_at:
        raise ConfigurationError("EMAIL_CALLS=none without EMAIL_DIGEST_AT sends nothing: set its time, such as 18:30")
    if not TIME.fullmatch(digest_at):
        raise ConfigurationError("EMAIL_DIGEST_AT should be a time of the day at the business, such as 18:30")


def recipients(text: str, variable: str = "EMAIL_TO") -> list[str]:
    """Each address once. Raises ConfigurationError for what is none, or too many."""
    addresses = list(dict.fromkeys(SEPARATORS.sub(" ", text).split()))
    for address in addresses:
        if not (is_email(address) and address.isascii()):
            raise ConfigurationError(
                f"{variable} should hold addresses such as front@acme.example, with commas between"
            )
    if len(addresses) > MOST:
        raise ConfigurationError(f"{variable} names more than {MOST}: make a group of them at your mail provider")
    return addresses


def from_address(text: str) -> Address:
    """`Acme Dental <calls@acme.example>`, or the address alone. Raises ConfigurationError."""
    name, address = parseaddr(text)
    bare = re.fullmatch(r"(?:.*<)?\s*([^<>\s]+)\s*>?", text)
    if not (bare and bare[1] == address and is_email(address) and address.isascii() and NAME.fullmatch(name)):
        raise ConfigurationError("EMAIL_FROM should be an address of your own domain: Acme <calls@acme.example>")
    return Address(display_name=name, addr_spec=address)


def check_server(settings: Mapping[str, str], domain: str) -> None:
    """Raises ConfigurationError where the chosen way cannot work. What it names holds no secret."""
    if SMTP in settings:
        read_server(settings[SMTP])
        return
    if not re.fullmatch(r"re_\w{5,200}", settings[RESEND_KEY], re.ASCII):
        raise ConfigurationError("RESEND_API_KEY should be a key of Resend's, which begins with re_: copy it again")
    if domain in SHARED_DOMAINS:
        raise ConfigurationError(
            f"EMAIL_FROM is at {domain}, for which Resend sends nothing: use your own domain, or SMTP_URL"
        )


def read_server(url: str) -> tuple[str, str, int, str, str]:
    """(scheme, host, port, user, password). Raises ConfigurationError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigurationError("SMTP_URL cannot be read: write @ and / in the password as %40 and %2F") from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigurationError(
            "SMTP_URL should be smtp://user:password@host:587 (or smtps://…:465); write @ in the user's name as %40"
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isascii():
        raise ConfigurationError("SMTP_URL has letters in user or password that cannot be sent: use A to Z and signs")
    if bool(user) != bool(password):
        raise ConfigurationError("SMTP_URL has a user without a password, or a password without a user")
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, password
