"""What targets that take a plain POST were sent: a URL of one's own, Zapier, Make and n8n."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import plain
from .texts import say

if TYPE_CHECKING:
    from ..server import Destinations

SHOWN = 20  # of each target, the newest
BODY_CHARS = 20_000
TARGETS = {"forward": "FORWARD_URL", "zapier": "Zapier", "make": "Make", "n8n": "n8n"}


@dataclass(frozen=True, kw_only=True)
class Received:
    number: int
    event: str
    delivery_id: str
    body: str  # indented, where it is JSON


@dataclass(frozen=True, kw_only=True)
class Target:
    name: str
    requests: tuple[Received, ...]  # newest first
    earlier: int  # that are not shown


def targets(world: Destinations) -> list[Target]:
    kept = {name: list(getattr(world, name).received) for name in TARGETS}
    return [target(TARGETS[name], requests) for name, requests in kept.items() if requests]


def target(name: str, requests: Sequence[dict[str, Any]]) -> Target:
    numbered = list(enumerate(requests, start=1))[-SHOWN:][::-1]
    read = tuple(received(number, request) for number, request in numbered)
    return Target(name=name, requests=read, earlier=len(requests) - len(read))


def received(number: int, request: dict[str, Any]) -> Received:
    body = request["body"] if isinstance(request["body"], str) else request["body"].decode(errors="replace")
    pretty, fields = document(body)
    return Received(
        number=number,
        event=request["headers"].get("x-inboundflow-event") or fields.get("event", ""),
        delivery_id=request["headers"].get("x-inboundflow-delivery-id") or fields.get("delivery_id", ""),
        body=pretty[:BODY_CHARS],
    )


def document(body: str) -> tuple[str, dict[str, str]]:
    """The body for reading, and its fields that are texts."""
    try:
        read = json.loads(body)
        fields = read if isinstance(read, dict) else {}
        pretty = json.dumps(read, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body, {}
    return pretty, {name: value for name, value in fields.items() if isinstance(value, str)}


def lines(seen: Sequence[Target], lang: str, width: int) -> list[str]:
    return [line for target in seen for line in [target.name, *of_target(target, lang, width)]]


def of_target(target: Target, lang: str, width: int) -> list[str]:
    told = [
        f"{say('request', lang, n=one.number, event=one.event or say('no_event', lang))}" for one in target.requests
    ]
    return [f"│ {plain.cut(plain.one_line(line), width - 2)}" for line in told]
