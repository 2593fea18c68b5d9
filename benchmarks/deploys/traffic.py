"""Deliveries that come all the while, and what the sender saw of them."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mock_sender import payloads
from mock_sender.sender import deliver

SENDERS = 5
EVERY_S = 0.5  # for each of them: ten deliveries a second, some thousand times a busy practice's


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One delivery as its sender saw it. Times are of the machine's monotonic clock."""

    key: str
    began_s: float
    took_s: float
    failure: str  # "" when it was acknowledged


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The outcome of all deliveries under one kind of deploy."""

    kind: str
    deploys: int
    sent: int
    failed: int
    in_a_row: int  # the longest run of failures; the tenth disables the webhook
    without_s: float  # the longest time in which each delivery that was begun failed
    slowest_s: float  # of those that were acknowledged
    lost: int  # acknowledged, and not in the inbox
    reasons: dict[str, int]


class Traffic:
    """Sends until it is told to stop, from several threads, each delivery over a connection of its own."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url
        self.secret = secret
        self.seen: list[Seen] = []
        self.enough = threading.Event()
        self.threads = [threading.Thread(target=self.send, args=(n,), daemon=True) for n in range(SENDERS)]

    def __enter__(self) -> Traffic:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.enough.set()
        for thread in self.threads:
            thread.join()

    def send(self, number: int) -> None:
        rng = random.Random()  # ids of its own each time: two traffics may meet in one inbox
        due = time.monotonic() + EVERY_S * number / SENDERS
        while not self.enough.wait(max(0.0, due - time.monotonic())):
            due = max(due + EVERY_S, time.monotonic())
            payload = payloads.sample(rng, "call.completed")
            began = time.monotonic()
            answer = deliver(self.url, payload, secret=self.secret)
            self.seen.append(
                Seen(
                    key=payload.delivery_id,
                    began_s=began,
                    took_s=time.monotonic() - began,
                    failure=answer.failure,
                )
            )


def tally(kind: str, deploys: int, seen: Sequence[Seen], kept: set[str]) -> Tally:
    acknowledged = [delivery for delivery in seen if not delivery.failure]
    return Tally(
        kind=kind,
        deploys=deploys,
        sent=len(seen),
        failed=len(seen) - len(acknowledged),
        in_a_row=in_a_row(seen),
        without_s=without(seen),
        slowest_s=max((delivery.took_s for delivery in acknowledged), default=0.0),
        lost=sum(delivery.key not in kept for delivery in acknowledged),
        reasons=dict(Counter(delivery.failure for delivery in seen if delivery.failure).most_common()),
    )


def in_a_row(seen: Sequence[Seen]) -> int:
    """As InboundFlow counts: by the moment at which each was over."""
    longest = now = 0
    for delivery in sorted(seen, key=lambda delivery: delivery.began_s + delivery.took_s):
        now = now + 1 if delivery.failure else 0
        longest = max(longest, now)
    return longest


def without(seen: Sequence[Seen]) -> float:
    """From the first of a run of failed deliveries until the next that was acknowledged was begun."""
    longest, since = 0.0, None
    for delivery in sorted(seen, key=lambda delivery: delivery.began_s):
        if not delivery.failure:
            longest = max(longest, delivery.began_s - since if since is not None else 0.0)
            since = None
        elif since is None:
            since = delivery.began_s
    return longest
