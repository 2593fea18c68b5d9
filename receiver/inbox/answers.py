"""How requests that carry InboundFlow's mark were answered: held for a few seconds, and written by a timer."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..events import parse_object
from ..store import Transaction
from .lives import write_lives
from .pen import Penned, write_pen

# InboundFlow sends all of these; only the signature depends on a secret, and is missing where none is set there.
USER_AGENT = "InboundFlow-Webhook/"
MARKS = ("X-InboundFlow-Event", "X-InboundFlow-Delivery-Id", "X-InboundFlow-Timestamp")
PEN_HEADERS = (*MARKS, "X-InboundFlow-Signature", "User-Agent", "Content-Type", "Content-Encoding")
HEADER_CHARS = 200
DIGITS = re.compile(r"[0-9]{1,20}", re.ASCII)  # unix seconds, or what somebody takes for them
HELD = 200  # refusals between two flushes
HELD_BYTES = 4 * 1024 * 1024  # of their bodies
PENNED = {  # what another secret, tolerance or database may change
    "signature-mismatch",
    "signature-missing",
    "timestamp-missing",
    "timestamp-too-old",
    "timestamp-in-future",
    "not-stored",
}
ORGANIZATION_CHARS = 100
SAME_MOMENT_US = 1000  # a refusal is known by its time, so each gets one of its own


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer to a request with the mark. `organization_id` is known of what was verified."""

    source: str = ""
    at_us: int = 0
    reason: str = ""  # of a refusal; "" is a success
    headers: Mapping[str, str]
    body: bytes | None = None
    organization_id: str | None = None


def is_marked(header: Callable[[str], str | None]) -> bool:
    """Whether a request looks like InboundFlow's: this is the line between its failures and a stranger's junk.

    Whoever copies the headers from the documentation can have failures counted; a success takes the secret.
    """
    if not (header("User-Agent") or "").startswith(USER_AGENT):
        return False
    event, delivery_id, timestamp = (header(name) or "" for name in MARKS)
    return bool(event and delivery_id and DIGITS.fullmatch(timestamp))


class Answers:
    """What one process has to write: all refusals up to a bound, and of successes the last and their number."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.last_us = 0
        self.refused: deque[Answer] = deque(maxlen=HELD)
        self.acknowledged: dict[tuple[str, str], tuple[int, int]] = {}

    def note(self, answer: Answer, at_us: int) -> None:
        with self.mutex:
            if at_us <= self.last_us < at_us + SAME_MOMENT_US:
                at_us = self.last_us + 1
            self.last_us = at_us
            if answer.reason:
                self.refused.append(replace(answer, at_us=at_us))
                self.make_room()
            else:
                self.acknowledge((answer.source, printable(answer.organization_id)), at_us, 1)

    def make_room(self) -> None:
        """Forget the oldest bodies where there are too many bytes of them."""
        room = HELD_BYTES
        for place in range(len(self.refused) - 1, -1, -1):
            room -= len(self.refused[place].body or b"")
            if room < 0:
                self.refused[place] = replace(self.refused[place], body=None)

    def acknowledge(self, key: tuple[str, str], at_us: int, number: int) -> None:
        last_us, before = self.acknowledged.get(key, (0, 0))
        self.acknowledged[key] = (max(last_us, at_us), before + number)

    def take(self) -> Held:
        with self.mutex:
            held = Held(list(self.refused), dict(self.acknowledged))
            self.refused.clear()
            self.acknowledged.clear()
        return held

    def put_back(self, held: Held) -> None:
        with self.mutex:
            self.refused = deque([*held.refused, *self.refused], maxlen=HELD)
            for key, (at_us, number) in held.acknowledged.items():
                self.acknowledge(key, at_us, number)


class Held(NamedTuple):
    """What was noted between two flushes."""

    refused: list[Answer]
    acknowledged: dict[tuple[str, str], tuple[int, int]]

    def by_source(self) -> list[OfSource]:
        """What is to be written. It reads the refused bodies, so it is done before the transaction."""
        names = {answer.source for answer in self.refused} | {source for source, _ in self.acknowledged}
        return [
            OfSource(
                name,
                [
                    (organization(answer), answer.at_us, answer.reason)
                    for answer in self.refused
                    if answer.source == name
                ],
                {of[1]: last for of, last in self.acknowledged.items() if of[0] == name},
                [request for answer in self.refused if answer.source == name and (request := for_pen(answer))],
            )
            for name in sorted(names)
        ]


class OfSource(NamedTuple):
    source: str
    lost: list[tuple[str, int, str]]
    acknowledged: dict[str, tuple[int, int]]
    penned: list[Penned]

    def write(self, tx: Transaction, now_us: int) -> None:
        write_lives(tx, self.source, self.lost, self.acknowledged, now_us)
        if self.penned:
            write_pen(tx, self.source, self.penned)


def organization(answer: Answer) -> str:
    """The one that the refused body names; nothing vouches for it. "" where it cannot be read."""
    return printable((parse_object(answer.body or b"") or {}).get("organization_id"))


def printable(name: object) -> str:
    return name if isinstance(name, str) and name.isprintable() and len(name) <= ORGANIZATION_CHARS else ""


def for_pen(answer: Answer) -> Penned | None:
    """A refused request that may turn out to be genuine, as it came."""
    signature = answer.headers.get("X-InboundFlow-Signature")
    if answer.reason not in PENNED or answer.body is None or not signature or not is_kept_whole(answer):
        return None
    return Penned(received_us=answer.at_us, reason=answer.reason, headers=answer.headers, body=answer.body)


def is_kept_whole(answer: Answer) -> bool:
    return all(len(value) <= HEADER_CHARS for value in answer.headers.values())
