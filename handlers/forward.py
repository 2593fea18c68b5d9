"""Sends each delivery on to any URL, signed anew. Recipe: recipes/forward.md.

At least once: a URL cannot be asked whether it has a delivery already. Each repeat carries the same id and body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from receiver import (
    AppointmentBooked,
    CallCompleted,
    CallTransferred,
    ConfigurationError,
    Event,
    LeadCreated,
    Run,
    UnknownEvent,
    check_status,
    handles,
    send,
)


def targets(settings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The settings of each URL, by a short hash of it: the URL itself may be a secret."""
    urls = settings["FORWARD_URL"].split()
    secrets = settings["FORWARD_SIGNING_SECRET"].split()
    if secrets and len(secrets) != len(urls):
        raise ConfigurationError(
            f"FORWARD_URL has {len(urls)} URLs and FORWARD_SIGNING_SECRET {len(secrets)} secrets: "
            "give one secret for each URL, in the same order, or none at all"
        )
    for number, url in enumerate(urls, start=1):
        check_url(url, number, settings["FORWARD_ALLOW_HOSTS"].split())
    pairs = zip(urls, secrets or [""] * len(urls), strict=True)
    allowed = settings["FORWARD_ALLOW_HOSTS"]
    return {short(url): {"url": url, "secret": secret, "allowed": allowed} for url, secret in pairs}


def short(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:8]


def check_url(url: str, number: int, allowed: list[str]) -> None:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if parts.username or parts.password:
        raise ConfigurationError(f"URL {number} in FORWARD_URL has a user name in it: leave that out")
    if parts.scheme != "https" and not (parts.scheme == "http" and f"{parts.hostname}:{port}" in allowed):
        raise ConfigurationError(
            f"URL {number} in FORWARD_URL should begin with https:// (http is for hosts in FORWARD_ALLOW_HOSTS)"
        )


@handles(
    CallCompleted,
    CallTransferred,
    AppointmentBooked,
    LeadCreated,
    UnknownEvent,
    needs="FORWARD_URL",
    optional={"FORWARD_SIGNING_SECRET": "", "FORWARD_ALLOW_HOSTS": ""},
    targets=targets,
)
def forward(event: Event, run: Run) -> str:
    """Post the signed bytes unchanged; the outcome is the status that came back."""
    run.hold()
    answer = send(
        "POST",
        run.settings["url"],
        content=run.delivery.body,
        headers=headers(run, int(time.time())),
        allowed=frozenset(run.settings["allowed"].split()),
    )
    check_status(answer.status_code, answer.headers, what="the URL")
    return str(answer.status_code)


def headers(run: Run, now: int) -> dict[str, str]:
    """Ours alone: nothing that came with the delivery is passed on, InboundFlow's signature least of all."""
    delivery, secret = run.delivery, run.settings["secret"].encode()
    found = {
        "Content-Type": "application/json",
        "User-Agent": "inboundflow-receiver",
        "Accept-Encoding": "identity",
        "X-InboundFlow-Event": ascii_only(delivery.event),
        "X-InboundFlow-Delivery-Id": ascii_only(delivery.key),
        "X-InboundFlow-Timestamp": str(now),
        "webhook-id": ascii_only(delivery.key),
        "webhook-timestamp": str(now),
    }
    if secret:
        signed = hmac.new(secret, b"%d.%s" % (now, delivery.body), hashlib.sha256).hexdigest()
        found["X-InboundFlow-Signature"] = f"sha256={signed}"
        found["webhook-signature"] = standard_signature(secret, found["webhook-id"], now, delivery.body)
    return found


def standard_signature(secret: bytes, message_id: str, now: int, body: bytes) -> str:
    """Standard Webhooks' `v1`: its secrets are base64 behind `whsec_`; any other is taken as the key itself."""
    key = base64.b64decode(secret[6:]) if secret.startswith(b"whsec_") else secret
    digest = hmac.new(key, f"{message_id}.{now}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def ascii_only(text: str) -> str:
    """A header value cannot hold anything else."""
    return "".join(c for c in text if " " <= c <= "~")
