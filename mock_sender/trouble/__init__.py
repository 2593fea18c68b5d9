"""Trouble on demand, seeded and repeatable: what a delivery may look like on a bad day, or from a forger.

Each trouble has a name and changes one of three things: the body before it is signed, the request on its way to the
wire, or the order in which several requests are sent.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..payloads import Payload
from ..wire import Request
from . import bodies, orders, requests
from .kinds import Draft, Round, Trouble
from .sending import play

__all__ = ["TROUBLES", "Draft", "Plan", "Round", "Trouble", "plan", "play", "troubled"]

TROUBLES: dict[str, Trouble] = {trouble.name: trouble for trouble in (*bodies.ALL, *requests.ALL, *orders.ALL)}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is sent: rounds one after another; the requests of a round at the same moment."""

    rounds: tuple[Round, ...]
    authentic: bool  # whether a receiver should take all of it
    names: tuple[str, ...] = field(default=())


def troubled(draft: Draft, names: Sequence[str], rng: random.Random) -> Request:
    """One delivery with these troubles of body and request, in the order given. Raises KeyError for an unknown one."""
    chosen = [TROUBLES[name] for name in names]
    for trouble in chosen:
        draft = trouble.draft(rng, draft) if trouble.draft else draft
    request = draft.request()
    for trouble in chosen:
        request = trouble.request(rng, request) if trouble.request else request
    return request


def plan(
    payloads: Sequence[Payload], *, url: str, secret: str | None, names: Sequence[str], seed: int = 0,
    timestamp: int | None = None, previous_secret: str = "",
) -> Plan:  # fmt: skip
    """These deliveries, each with the troubles named, in the order that they make of it."""
    rng = random.Random(seed)
    drafts = [
        Draft(url=url, payload=payload, secret=secret, timestamp=timestamp, previous_secret=previous_secret)
        for payload in payloads
    ]
    rounds = tuple(Round(requests=(troubled(draft, names, rng),)) for draft in drafts)
    for name in names:
        if order := TROUBLES[name].order:
            rounds = order(rng, rounds)
    return Plan(rounds=rounds, authentic=all(TROUBLES[name].authentic for name in names), names=tuple(names))
