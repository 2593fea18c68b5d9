"""One delivery over HTTP, as InboundFlow makes it: every documented header, and 10 seconds for all of it."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from .payloads import Payload
from .sign import sign

TIMEOUT_S = 10.0  # for the whole exchange, as documented
USER_AGENT = "InboundFlow-Webhook/1.0"
ANSWER_BYTES = 64 * 1024


class UnusableURL(ValueError):
    """Nothing can be sent there; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. `failure` is "" for 2xx, else what went wrong, in words."""

    status: int | None
    body: str
    latency_s: float
    failure: str

    @property
    def said(self) -> str:
        """The receiver's own word for it, where it gave one."""
        with suppress(ValueError, AttributeError):
            return str(json.loads(self.body).get("status") or "")
        return ""


def headers(payload: Payload, secret: str | None, timestamp: int) -> dict[str, str]:
    found = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-InboundFlow-Event": payload.event,
        "X-InboundFlow-Delivery-Id": payload.delivery_id,
        "X-InboundFlow-Timestamp": str(timestamp),
    }
    if secret:
        found["X-InboundFlow-Signature"] = sign(secret, timestamp, payload.body)
    return found


def deliver(
    url: str, payload: Payload, *, secret: str | None, timestamp: int | None = None, timeout_s: float = TIMEOUT_S
) -> Answer:
    """Send it once. Anything but 2xx is a failure, a redirect too, which is not followed. Raises UnusableURL."""
    check(url)
    began = time.monotonic()
    signed = headers(payload, secret, int(time.time()) if timestamp is None else timestamp)
    try:
        status, body = asyncio.run(exchange(url, payload.body, signed, timeout_s))
    except TimeoutError:
        return Answer(status=None, body="", latency_s=time.monotonic() - began, failure=f"no answer in {timeout_s:g} s")
    except httpx.HTTPError as error:
        return Answer(status=None, body="", latency_s=time.monotonic() - began, failure=in_words(error))
    failure = "" if 200 <= status < 300 else refusal(status, body)
    return Answer(status=status, body=body, latency_s=time.monotonic() - began, failure=failure)


async def exchange(url: str, body: bytes, signed: dict[str, str], timeout_s: float) -> tuple[int, str]:
    """Status and answer. httpx bounds each single read, so the whole exchange is bounded from outside."""
    verify = url.startswith("https:")  # reading the certificates takes longer than a delivery
    async with (
        asyncio.timeout(timeout_s),
        httpx.AsyncClient(timeout=None, trust_env=False, follow_redirects=False, verify=verify) as client,  # noqa: S113
        client.stream("POST", url, content=body, headers=signed) as answer,
    ):
        received = b""
        async for piece in answer.aiter_raw():
            received += piece
            if len(received) > ANSWER_BYTES:
                break
        return answer.status_code, received.decode(errors="replace")


def check(url: str) -> None:
    """InboundFlow takes https URLs only; plain http is for one's own machine."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UnusableURL(f"{url} is not a web address: it should look like https://example.com/webhooks/inboundflow")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise UnusableURL(f"{url} is plain http: InboundFlow requires https (http works for 127.0.0.1 only)")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def in_words(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.ConnectError):
        return f"could not connect: {error}"
    if isinstance(error, httpx.RemoteProtocolError):
        return "the connection was closed without an answer"
    return f"the connection broke: {type(error).__name__}"


def refusal(status: int, body: str) -> str:
    """The status, and what the receiver said about it."""
    with suppress(ValueError, TypeError, KeyError):
        said = json.loads(body)
        return f"{status} {said['reason']}: {said['detail']}"
    hint = " (is the path /webhooks/inboundflow?)" if status in (404, 405) else ""
    return f"{status}{hint}"
