"""InboundFlow as its customers meet it: connections to receivers, what is reported to them, and who gets disabled."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

from . import payloads, sender
from .book import Book, Row
from .clock import Clock, WallClock
from .payloads import EVENTS, Payload
from .records import DELIVERIES, Connection, Delivery, Refused, as_connection, as_delivery, first_row
from .schedule import NONE, SCHEDULES
from .trouble import Draft, troubled
from .wire import TIMEOUT_S, Answer, Request, send

SETTINGS = ("url", "secret", "name", "kind", "events", "retries", "resign")
KINDS = ("zapier", "make", "n8n", "custom")
CLAIM_S = 30.0  # an attempt and its record take no longer; a sender that dies in between tries again after it

Transport = Callable[[Request, float], Answer]


class InboundFlow:
    """The whole of InboundFlow's side. Safe to call from several threads.

    InboundFlow's page leaves these open: here each attempt counts as a success or a failure, except those of the test
    button; events that happen while a connection is disabled are missed, and not sent after a reconnection.
    """

    def __init__(
        self,
        book: Book | None = None,
        *,
        clock: Clock | None = None,
        transport: Transport = send,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.book = book or Book()
        self.clock = clock or WallClock()
        self.transport = transport
        self.timeout_s = timeout_s

    # Configuración → Integraciones

    def connect(
        self,
        url: str,
        *,
        secret: str = "",
        name: str = "",
        kind: str = "custom",
        events: Sequence[str] = EVENTS,
        retries: str = NONE.name,
        resign: bool = True,
    ) -> Connection:
        """Set a webhook up. Raises Refused, or UnusableURL where InboundFlow would not send to that address."""
        row = accepted(
            url=url, secret=secret, name=name or kind, kind=kind, events=events, retries=retries, resign=resign
        )
        if self.book.read("SELECT 1 FROM connections WHERE name = ?", row["name"]):
            raise Refused(
                f"There is a connection named {row['name']} already: give this one another name (--name), "
                "or change that one (mock-sender edit)."
            )
        return self.connection(self.book.insert("connections", row | {
            "state": "active", "failures": 0,
        }))  # fmt: skip

    def edit(self, connection: int, **changes: Any) -> Connection:
        """Change some of the settings that `connect` has; its failure count stays. Raises as `connect`."""
        now = self.connection(connection)
        fields = {name: getattr(now, name) for name in SETTINGS}
        self.book.change("connections", connection, **accepted(**(fields | changes)))
        return self.connection(connection)

    def reconnect(self, connection: int) -> Connection:
        """As someone does after it was disabled: active again, with all its lives."""
        self.book.change("connections", connection, state="active", failures=0)
        return self.connection(connection)

    def disconnect(self, connection: int) -> None:
        self.book.drop("connections", connection)

    def connection(self, id: int) -> Connection:
        return as_connection(first_row(self.book.read("SELECT * FROM connections WHERE id = ?", id), "connection", id))

    def connections(self) -> list[Connection]:
        return [as_connection(row) for row in self.book.read("SELECT * FROM connections ORDER BY id")]

    # What happens at the business

    def report(self, payload: Payload, trouble: Sequence[str] = (), rng: random.Random | None = None) -> list[Delivery]:
        """Something happened: write it down for every connection that chose this event, and send it.

        `trouble` names what the first attempt suffers, of the kinds that change the body or the request.
        """
        ids = [
            self.plan(connection.id, payload) for connection in self.connections() if payload.event in connection.events
        ]
        for id in ids:
            self.attempt(id, trouble, rng)
        return [self.delivery(id) for id in ids]

    def deliver(self, connection: int, payload: Payload) -> Delivery:
        """Send this to one connection, whichever events it chose."""
        id = self.plan(connection, payload)
        self.attempt(id)
        return self.delivery(id)

    def test(self, connection: int, event: str = "") -> Delivery:
        """The button "Probar Webhook": a sample of the first chosen event, or of any other, also an unknown one."""
        webhook = self.connection(connection)
        payload = payloads.sample(random.Random(), event or next(iter(webhook.events), EVENTS[0]))
        id = self.plan(connection, payload, test=True)
        self.attempt(id)
        return self.delivery(id)

    def resend(self, delivery: int) -> Delivery:
        """The same delivery_id and body once more, freshly signed: what a duplicate looks like. Raises Refused."""
        to = self.connection(self.delivery(delivery).connection_id)
        if to.state == "disabled":
            raise Refused(f"{to.name} is disabled: reconnect it first.")
        self.book.change("deliveries", delivery, state="waiting", next_at=self.clock.now(), signed_for=None)
        self.attempt(delivery)
        return self.delivery(delivery)

    def plan(self, connection: int, payload: Payload, *, test: bool = False) -> int:
        missed = self.connection(connection).state == "disabled" and not test
        return self.book.insert("deliveries", {
            "connection_id": connection, "event": payload.event, "delivery_id": payload.delivery_id,
            "body": payload.body, "at": self.clock.now(), "test": int(test),
            "state": "missed" if missed else "waiting", "next_at": None if missed else self.clock.now(),
        })  # fmt: skip

    # Sending

    def attempt(self, delivery: int, trouble: Sequence[str] = (), rng: random.Random | None = None) -> None:
        """Send it once, if it is due, and count how it went."""
        now = self.clock.now()
        if not self.book.claim(delivery, now, now + CLAIM_S):
            return
        row = first_row(self.book.read("SELECT * FROM deliveries WHERE id = ?", delivery), "delivery", delivery)
        to = self.connection(row["connection_id"])
        stamp = row["signed_for"] if row["signed_for"] and not to.resign else int(now)
        if stamp != row["signed_for"]:
            self.book.change("deliveries", delivery, signed_for=stamp)
        payload = Payload(row["event"], row["delivery_id"], row["body"])
        draft = Draft(url=to.url, payload=payload, secret=to.secret or None, timestamp=stamp)
        sent = troubled(draft, trouble, rng or random.Random())
        answer = self.transport(sent, self.timeout_s)
        self.record(row, to, sent, answer, now)

    def record(self, row: Row, to: Connection, sent: Request, answer: Answer, began: float) -> None:
        number = row["attempts"] + 1
        wait_s = None if row["test"] or not answer.failure else SCHEDULES[to.retries].wait_s(number)
        attempt = {
            "delivery": row["id"], "number": number, "at": began, "request": sent.raw(), "status": answer.status,
            "failure": answer.failure, "answer": answer.body, "latency_s": answer.latency_s,
        }  # fmt: skip
        next_at = None if wait_s is None else self.clock.now() + wait_s
        self.book.record(row, attempt, good=not answer.failure, counted=not row["test"], next_at=next_at)

    def work(self, until: float | None = None) -> int:
        """Make every retry that comes due up to `until` (all there are, by default), waiting for each. How many."""
        made = 0
        while (following := self.next_due()) and (until is None or following["next_at"] <= until):
            self.clock.sleep(following["next_at"] - self.clock.now())
            self.attempt(following["id"])
            made += 1
        if until is not None:
            self.clock.sleep(until - self.clock.now())
        return made

    def next_due(self) -> Row | None:
        rows = self.book.read("SELECT id, next_at FROM deliveries WHERE state = 'waiting' ORDER BY next_at, id LIMIT 1")
        return rows[0] if rows else None

    # Looking

    def delivery(self, id: int) -> Delivery:
        return as_delivery(first_row(self.book.read(f"{DELIVERIES} WHERE d.id = ?", id), "delivery", id))

    def deliveries(self, connection: int | None = None, *, limit: int = 50) -> list[Delivery]:
        """The newest first."""
        sql = f"{DELIVERIES} WHERE ? IS NULL OR d.connection_id = ? ORDER BY d.id DESC LIMIT ?"
        return [as_delivery(row) for row in self.book.read(sql, connection, connection, limit)]

    def attempts(self, delivery: int) -> list[Row]:
        """Each with number, at, request (bytes), status, failure (in words), answer, latency_s."""
        return self.book.read("SELECT * FROM attempts WHERE delivery = ? ORDER BY number", delivery)


def accepted(*, url: str, secret: str, name: str, kind: str, events: Sequence[str], retries: str, resign: bool) -> Row:
    """These settings as a row, if InboundFlow would take them."""
    sender.check(url)
    if kind not in KINDS:
        raise Refused(f"{kind} is no integration: choose one of {', '.join(KINDS)}.")
    if not events:
        raise Refused("Choose at least one event.")
    if retries not in SCHEDULES:
        raise Refused(f"{retries} is no schedule of retries: choose one of {', '.join(SCHEDULES)}.")
    return {
        "url": url, "secret": secret, "name": name, "kind": kind, "events": json.dumps(list(events)),
        "retries": retries, "resign": int(resign),
    }  # fmt: skip
