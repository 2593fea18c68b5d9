"""Deliveries as server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html.

A stream is a greenlet that sleeps, and looks every second for what was stored since; the look itself is done in one of
the threads for pages. Its client has each event at once or not at all: one that does not read is cut off, and comes
again with the id of the last event that it got.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..errors import StoreError
from ..operations import FeedDelivery, FeedPage
from .documents import cursor, delivery_document
from .problems import Busy

LOOK_EVERY_S = 1.0
HEARTBEAT_S = 15  # proxies cut what is silent for a minute
LIFE_S = 15 * 60  # then it ends: its client comes again, perhaps to a process that has less to do
RETRY_MS = 1000  # what clients are told to wait before they come again


@dataclass
class Stream:
    """`look` gives the next page after a place, and raises Busy or StoreError; `is_wanted` turns false at the end."""

    place: str
    look: Callable[[str], FeedPage]
    is_wanted: Callable[[], bool]
    flush: Callable[[], None]
    sleep: Callable[[float], None]

    def blocks(self) -> Iterator[str]:
        """What has been yielded is sent when the next is asked for."""
        sent = time.monotonic()
        ends = sent + LIFE_S
        yield f"retry: {RETRY_MS}\nid: {cursor(self.place)}\n\n"
        self.flush()
        while self.is_wanted() and time.monotonic() < ends:
            page = self.next_page()
            text = self.events_of(page) if page else ""
            if text or time.monotonic() - sent > HEARTBEAT_S:
                sent = time.monotonic()
                yield text or ":\n\n"
                self.flush()
            if not (page and page.more):
                self.sleep(LOOK_EVERY_S)

    def next_page(self) -> FeedPage | None:
        """None where it could not be read: the next look may."""
        try:
            return self.look(self.place)
        except (Busy, StoreError):
            return None

    def events_of(self, page: FeedPage) -> str:
        """Where a filter has left the last ones out, the place alone follows: a block without data is no event."""
        text = "".join(event(delivery) for delivery in page.deliveries)
        last = page.deliveries[-1].key if page.deliveries else self.place
        self.place = page.place
        return text if page.place == last else f"{text}id: {cursor(page.place)}\n\n"


def event(delivery: FeedDelivery) -> str:
    return f"id: {cursor(delivery.key)}\nevent: delivery\ndata: {delivery_document(delivery)}\n\n"
