"""Troubles, and the drafts, requests and rounds that they change."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from .. import sender
from ..payloads import Payload, stringify
from ..sign import sign
from ..wire import Request

SIGNATURE = "X-InboundFlow-Signature"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A delivery before it is signed."""

    url: str
    payload: Payload
    secret: str | None = field(repr=False)
    previous_secret: str = field(default="", repr=False)
    timestamp: int | None = None  # unix seconds; None: now
    stamp: str | None = None  # what is written and signed as the timestamp, where that is no such number
    signed: bytes | None = None  # what is signed, where that is not what is sent
    signature: str = ""  # the whole header, where it is not the right one

    @property
    def now(self) -> int:
        return int(time.time()) if self.timestamp is None else self.timestamp

    def envelope(self) -> dict[str, Any]:
        envelope: dict[str, Any] = json.loads(self.payload.body)
        return envelope

    def with_body(self, body: bytes, event: str | None = None) -> Draft:
        return replace(self, payload=replace(self.payload, body=body, event=event or self.payload.event))

    def with_envelope(self, envelope: dict[str, Any]) -> Draft:
        return self.with_body(stringify(envelope), str(envelope.get("event", self.payload.event)))

    def request(self) -> Request:
        stamp = str(self.now) if self.stamp is None else self.stamp
        made = sender.request(self.url, self.payload, secret=self.secret, timestamp=stamp)
        if self.signed is None or not self.secret:
            return with_header(made, SIGNATURE, self.signature) if self.signature else made
        return with_header(made, SIGNATURE, self.signature or sign(self.secret, stamp, self.signed))


@dataclass(frozen=True, kw_only=True)
class Round:
    """Requests that are sent at the same moment, `after_s` after the round before was answered."""

    requests: tuple[Request, ...]
    after_s: float = 0.0
    one_connection: bool = False  # pipelined: one after another on one connection, none waiting for an answer


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """`authentic`: InboundFlow might send this, and a receiver should answer 2xx."""

    name: str
    says: str
    authentic: bool = True
    draft: Callable[[random.Random, Draft], Draft] | None = None
    request: Callable[[random.Random, Request], Request] | None = None
    order: Callable[[random.Random, tuple[Round, ...]], tuple[Round, ...]] | None = None


def header(request: Request, name: str) -> str:
    return next((value for had, value in request.headers if had.lower() == name.lower()), "")


def with_header(request: Request, name: str, value: str | None) -> Request:
    """Its value replaced where it stands, or added at the end; None takes the header away."""
    kept = tuple(
        (had, value if had.lower() == name.lower() else was)
        for had, was in request.headers
        if not (value is None and had.lower() == name.lower())
    )
    is_present = any(had.lower() == name.lower() for had, _ in request.headers)
    added = () if is_present or value is None else ((name, value),)
    return replace(request, headers=tuple((n, v) for n, v in (*kept, *added) if v is not None))
