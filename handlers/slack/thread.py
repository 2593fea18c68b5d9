"""One thread per call: its parent shows the latest state of the whole call, each further event is a reply.

The parent is edited first and the reply posted then: an edit may be repeated, and it shows whether the parent is
still there. So an attempt can die at any moment, and the next one needs to ask for one message only.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from receiver import Event, Run
from receiver.toolkit import is_urgent

from .channel import Channel, Fixed, Gone, connect
from .message import Message, of_call, of_event, of_reply

LOOK_BACK_S = 600  # before the delivery came: for clocks that differ, and for its call's first event
OUTCOME = re.compile(r"(\S+) (\S+) in (\S+) of (.+)")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a delivery's message is: the channel, its ts, its thread's, and the delivery that began the thread."""

    channel: str
    ts: str
    thread: str
    first: str

    def outcome(self) -> str:
        return f"{self.channel} {self.ts} in {self.thread} of {self.first}"


def read_place(outcome: str) -> Place | None:
    match = OUTCOME.fullmatch(outcome)
    return Place(channel=match[1], ts=match[2], thread=match[3], first=match[4]) if match else None


def post(event: Event, run: Run) -> str:
    """Post this delivery's message where it has none yet; the outcome says where it is."""
    return Posting(event, run).post().outcome()


class Posting:
    """Posts one delivery, in the thread of its call."""

    def __init__(self, event: Event, run: Run) -> None:
        self.event, self.run = event, run
        of_call = run.earlier() if event.call_id else ()
        earlier = [other for other in of_call if other.event.delivery_id != event.delivery_id]
        self.events = [*(other.event for other in earlier), event]
        self.before = [other.event for other in earlier if other.outcome]  # their messages stand in the channel
        # An edit notifies nobody, so the reply that makes the call urgent mentions people itself.
        self.makes_urgent = is_urgent([event]) and not is_urgent(self.before)
        self.all_have_outcomes = all(other.outcome for other in earlier)
        self.places = [place for other in earlier if (place := read_place(other.outcome))]
        client = connect(run.settings)
        names = ["SLACK_CHANNEL"]
        if run.settings["SLACK_URGENT_CHANNEL"] and is_urgent(self.events):
            names.insert(0, "SLACK_URGENT_CHANNEL")
        self.channels = [
            Channel(client=client, id=run.settings[n], variable=n, check_lease=run.check_lease) for n in names
        ]

    def post(self) -> Place:
        if self.run.unsure and (place := self.posted_before()):
            return place
        channel = self.channels[0]
        begun = self.begun(channel) or self.left_behind(channel)
        if begun:
            with suppress(Gone):
                self.edit(channel, begun)
                return self.reply(channel, begun)
        ts, _ = channel.say(self.parent, self.payload(self.event.delivery_id))
        return self.as_parent(channel, ts)

    def reply(self, channel: Channel, begun: Place) -> Place:
        """Reply in the thread; where its parent was deleted just now, the reply becomes the parent of another."""
        reply = of_reply(self.event, self.run.settings, before=self.before, urgent=self.makes_urgent)
        ts, thread = channel.say(reply, self.payload(self.event.delivery_id), begun.thread)
        if thread:
            return replace(begun, ts=ts)
        place = self.as_parent(channel, ts)
        self.edit(channel, place)
        return place

    def posted_before(self) -> Place | None:
        """Where an earlier attempt left this delivery's message: here, or where the call was before it was urgent."""
        for channel in self.channels:
            if place := self.found(channel):
                with suppress(Gone):
                    self.edit(channel, place)
                return place
        return None

    def found(self, channel: Channel) -> Place | None:
        """Where this delivery's message is in the channel."""
        return self.in_thread(channel) or self.in_channel(channel, self.is_this_deliverys)

    def in_thread(self, channel: Channel) -> Place | None:
        begun = self.begun(channel)
        if begun:
            with suppress(Gone):
                for message in channel.replies(begun.thread):
                    if self.is_this_deliverys(message):
                        return replace(begun, ts=message["ts"])
        return None

    def in_channel(self, channel: Channel, matches: Callable[[Message], bool]) -> Place | None:
        for message in channel.messages(self.run.delivery.received_us / 1e6 - LOOK_BACK_S):
            if matches(message):
                return replace(self.as_parent(channel, message["ts"]), first=metadata(message, "delivery_id"))
        return None

    def begun(self, channel: Channel) -> Place | None:
        """The call's latest thread in this channel, from what earlier runs recorded."""
        here = [place for place in self.places if place.channel == channel.id]
        return max(here, key=lambda place: float(place.thread), default=None)

    def left_behind(self, channel: Channel) -> Place | None:
        """The parent that another event of the call posted in an attempt whose outcome is not recorded."""
        if self.all_have_outcomes or any(place.channel == channel.id for place in self.places):
            return None
        return self.in_channel(channel, lambda message: metadata(message, "call_id") == call_key(self.event))

    def edit(self, channel: Channel, place: Place) -> None:
        try:
            channel.edit(place.thread, self.parent, self.payload(place.first))
        except Fixed as error:
            if channel.is_tombstone(place.thread):
                raise Gone from error

    @cached_property
    def parent(self) -> Message:
        make = of_call(self.events, self.run.settings) if self.event.call_id else None
        return make or of_event(self.event, self.run.settings)

    def as_parent(self, channel: Channel, ts: str) -> Place:
        return Place(channel=channel.id, ts=ts, thread=ts, first=self.event.delivery_id)

    def is_this_deliverys(self, message: Message) -> bool:
        return metadata(message, "delivery_id") == self.event.delivery_id

    def payload(self, delivery: str) -> dict[str, str]:
        return {"delivery_id": delivery, "call_id": call_key(self.event)}


def metadata(message: Message, name: str) -> str:
    return str((message["metadata"].get("event_payload") or {}).get(name, ""))


def call_key(event: Event) -> str:
    """The call's id as a message carries it: itself, or a digest where it is long or strange."""
    call = event.call_id or ""
    fits = len(call) <= 100 and call.isprintable() and call.isascii()
    return call if fits else hashlib.sha256(call.encode(errors="replace")).hexdigest()
