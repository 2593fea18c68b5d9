"""What a check sends with: genuine and troubled deliveries of its own, and a note of all that came back."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from .. import payloads
from ..trouble import Draft, troubled
from ..wire import TIMEOUT_S, Answer, Request, exchange, on_one_connection
from .observer import Observer, settled

ORGANIZATION = "00000000-0000-4000-8000-0000c0f0a4ce"  # of no business: it shows that the call is a test
CALLER = "Conformance Test"
SUMMARY = "Conformance Test: no real caller, please ignore. Añadido por una prueba — ✓"


@dataclass(frozen=True, kw_only=True)
class Exchange:
    request: Request
    answer: Answer
    good: bool | None = None  # what the check made of it


class Probe:
    """Made anew for each check."""

    def __init__(
        self, url: str, secret: str, *, previous_secret: str = "", look: Observer | None = None,
        rng: random.Random, timeout_s: float = TIMEOUT_S,
    ) -> None:  # fmt: skip
        self.url, self.secret, self.previous_secret = url, secret, previous_secret
        self.look, self.rng, self.timeout_s = look, rng, timeout_s
        self.seen: list[Exchange] = []
        self.names: dict[Request, tuple[str, ...]] = {}

    def draft(self, event: str = "call.completed", time: datetime | None = None, *, summary: str = SUMMARY) -> Draft:
        """A delivery that shows itself as a test. Its id is new in each run, as a receiver remembers them."""
        facts = payloads.a_call(self.rng, time or datetime.now(UTC)) | {
            "caller_name": CALLER, "organization_id": ORGANIZATION, "summary": summary,
            "caller_email": "conformance@example.com", "caller_phone": f"+1555{self.rng.randrange(10**7):07}",
        }  # fmt: skip
        made = payloads.payload(self.rng, event, facts, str(uuid.uuid4()))
        return Draft(url=self.url, payload=made, secret=self.secret, previous_secret=self.previous_secret)

    def genuine(self, event: str = "call.completed") -> Request:
        return self.draft(event).request()

    def troubled(self, *names: str, draft: Draft | None = None) -> Request:
        made = troubled(draft or self.draft(), names, self.rng)
        self.names[made] = names
        return made

    def send(self, request: Request) -> Answer:
        return self.at_once([request])[0]

    def at_once(self, requests: Sequence[Request], connections: int = 0) -> list[Answer]:
        """All at the same moment, or over so many connections at a time."""

        async def all_of_them() -> list[Answer]:
            gate = asyncio.Semaphore(connections or len(requests))

            async def exchange_gated(request: Request) -> Answer:
                async with gate:
                    return await exchange(request, self.timeout_s)

            return await asyncio.gather(*[exchange_gated(request) for request in requests])

        return self.noted(requests, asyncio.run(all_of_them()))

    def on_one_connection(self, requests: Sequence[Request], *, pipelined: bool = False) -> list[Answer]:
        return self.noted(requests, asyncio.run(on_one_connection(requests, self.timeout_s, pipelined=pipelined)))

    def noted(self, requests: Sequence[Request], answers: Sequence[Answer]) -> list[Answer]:
        self.seen += [Exchange(request=r, answer=a) for r, a in zip(requests, answers, strict=True)]
        return list(answers)

    def mark(self, answer: Answer, good: bool) -> bool:
        """Remember what the check made of this answer, so that the report shows the right ones."""
        self.seen = [replace(exchange, good=good) if exchange.answer is answer else exchange for exchange in self.seen]
        return good

    def effects(self, delivery_id: str) -> int:
        return settled(self.look, delivery_id) if self.look else 0
