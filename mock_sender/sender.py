"""One delivery over HTTP, as InboundFlow makes it: every documented header, and 10 seconds for all of it."""

from __future__ import annotations

import ipaddress
import time
from contextlib import suppress
from urllib.parse import urlsplit

from .payloads import Payload
from .sign import sign
from .wire import TIMEOUT_S, Answer, Request, send

USER_AGENT = "InboundFlow-Webhook/1.0"


class UnusableURL(ValueError):
    """Nothing can be sent there; the message says what to change."""


def headers(payload: Payload, secret: str | None, timestamp: int | str) -> dict[str, str]:
    values = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-InboundFlow-Event": payload.event,
        "X-InboundFlow-Delivery-Id": payload.delivery_id,
        "X-InboundFlow-Timestamp": str(timestamp),
    }
    if secret:
        values["X-InboundFlow-Signature"] = sign(secret, timestamp, payload.body)
    return values


def request(url: str, payload: Payload, *, secret: str | None, timestamp: int | str | None = None) -> Request:
    """The delivery as it goes over the wire, signed for `timestamp` (unix seconds; now by default)."""
    when = int(time.time()) if timestamp is None else timestamp
    return Request(url=url, headers=tuple(headers(payload, secret, when).items()), body=payload.body)


def deliver(
    url: str, payload: Payload, *, secret: str | None, timestamp: int | None = None, timeout_s: float = TIMEOUT_S
) -> Answer:
    """Send it once. Anything but 2xx is a failure, a redirect too, which is not followed. Raises UnusableURL."""
    check(url)
    return send(request(url, payload, secret=secret, timestamp=timestamp), timeout_s)


def check(url: str) -> None:
    """InboundFlow takes https URLs only; plain http is for one's own machine. Raises UnusableURL."""
    parts = urlsplit(url) if is_sound(url) else urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UnusableURL(f"{url} is not a web address: it should look like https://example.com/webhooks/inboundflow")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise UnusableURL(f"{url} is plain http: InboundFlow requires https (http works for 127.0.0.1 only)")


def is_sound(url: str) -> bool:
    """Whether its name can be looked up, its port be opened, and its path be written in a request's first line."""
    with suppress(ValueError):
        parts = urlsplit(url)
        (parts.hostname or "").encode("idna")
        return parts.port != 0 and not any(letter.isspace() or not letter.isprintable() for letter in url)
    return False


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False
