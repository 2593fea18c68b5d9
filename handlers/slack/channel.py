"""One channel through a bot's eyes: a thread for each call, and what stands there already."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from receiver import Earlier, Event, RetryLater, Run

from .message import of_call, of_event, without_blocks
from .refusals import GONE, UNFIT, code_of

TIMEOUT_S = 5  # three calls must end within the handler's 20 s
METADATA = "inboundflow_event"
PAGE, PAGES = 999, 10  # Slack's most; who posts more in a channel between two attempts is asked to wait
SINCE_S = 600  # events of one call come within minutes, and two machines' clocks may differ
CANNOT_EDIT = {"cant_update_message", "edit_window_closed", "update_failed"}
DELIVERY_ID, CALL_ID = "delivery_id", "call_id"


@dataclass(frozen=True)
class Place:
    """Where a message stands. `thread` is the ts of the first message of its thread, its own for that one."""

    channel: str
    ts: str
    thread: str

    def __str__(self) -> str:
        return f"{self.channel} {self.ts}" + (f" in {self.thread}" if self.thread != self.ts else "")


def read_place(outcome: str) -> Place | None:
    """The place that an earlier run's outcome names."""
    found = re.fullmatch(r"(\S+) (\d+\.\d+)(?: in (\d+\.\d+))?", outcome)
    return Place(found[1], found[2], found[3] or found[2]) if found else None


class Channel:
    def __init__(self, run: Run, name: str) -> None:
        self.run = run
        self.name = name
        self.urgent = run.settings["SLACK_URGENT_CHANNEL"]
        self.seen: dict[str, dict[str, Any]] = {}  # the metadata of messages that were found
        self.client = WebClient(
            run.settings["SLACK_BOT_TOKEN"],
            base_url=run.settings["SLACK_API_URL"],
            timeout=TIMEOUT_S,
            retry_handlers=[],  # its default posts again by itself after a reset, although the first may have arrived
        )

    def tell(self, event: Event, earlier: Sequence[Earlier]) -> str:
        """Begin the call's thread, or reply in it and bring its first message up to date; where the message stands."""
        done = [one for one in earlier if one.outcome]
        places = {place: one.event for one in done if (place := read_place(one.outcome))}
        known = [*(one.event for one in done), event]
        mine = self.there_already(places) if self.run.unsure else None
        if mine:
            thread = mine.thread
        else:
            threads = [place.thread for place in places if place.channel == self.name]
            thread = max(threads, key=float, default="")  # the newest, where somebody deleted an older one
            if not thread and len(done) < len(earlier):  # another event's attempt may have begun one, and not told us
                thread = self.search(CALL_ID, event.call_id or "", self.name)
        channel = mine.channel if mine else self.name
        if thread and not self.edit(channel, thread, known, places) and not mine:
            thread = ""  # somebody deleted it
        return str(mine or self.post(event, known, thread))

    def post(self, event: Event, known: Sequence[Event], thread: str) -> Place:
        if thread:
            try:
                return self.post_one(event, of_event(event, self.run.settings), thread)
            except SlackApiError as error:
                if code_of(error) not in GONE:
                    raise
        return self.post_one(event, of_call(known, self.run.settings), "")

    def post_one(self, event: Event, content: Mapping[str, Any], thread: str) -> Place:
        self.run.hold()
        options: dict[str, Any] = {"channel": self.name, "metadata": metadata(event)}
        if thread:
            options["thread_ts"] = thread
        answer = fitting(lambda fit: self.client.chat_postMessage(**options, **fit), content)
        ts = str(answer["ts"])
        return Place(self.name, ts, thread or ts)

    def edit(self, channel: str, thread: str, known: Sequence[Event], places: Mapping[Place, Event]) -> bool:
        """Let the thread's first message show the latest; False where it is gone.

        Slack drops a message's metadata unless it is given again.
        """
        begun_by = {place.ts: metadata(event) for place, event in places.items()} | self.seen
        if thread not in begun_by:
            return True  # whoever began it would not find it again
        content = of_call(known, self.run.settings)
        options: dict[str, Any] = {"channel": channel, "ts": thread, "metadata": begun_by[thread]}
        self.run.hold()
        try:
            wanted = {name: content[name] for name in ("text", "blocks")}
            fitting(lambda fit: self.client.chat_update(**options, **fit), wanted)
        except SlackApiError as error:
            if code_of(error) in GONE:
                return False
            if code_of(error) not in CANNOT_EDIT:  # then the replies tell it alone
                raise
        return True

    def there_already(self, places: Iterable[Place]) -> Place | None:
        """Where this delivery's message stands, if an earlier attempt left one; replies are not in the history.

        In any channel: the call may have become urgent since.
        """
        key = self.run.delivery.key
        for channel, thread in {(place.channel, place.thread) for place in places}:
            if ts := self.search(DELIVERY_ID, key, channel, ts=thread):
                return Place(channel, ts, thread)
        for channel in dict.fromkeys((self.name, self.run.settings["SLACK_CHANNEL"], self.urgent)):
            if channel and (ts := self.search(DELIVERY_ID, key, channel)):
                return Place(channel, ts, ts)
        return None

    def search(self, name: str, value: str, channel: str, **options: Any) -> str:
        """The ts of a message whose metadata says so: in the thread of `ts`, else in the channel's history."""
        list_messages = self.client.conversations_replies if options else self.client.conversations_history
        oldest = str(self.run.delivery.received_us / 1e6 - SINCE_S)
        cursor = None
        for _ in range(PAGES):
            try:
                page = list_messages(
                    channel=channel, oldest=oldest, limit=PAGE, include_all_metadata=True, cursor=cursor, **options
                )
            except SlackApiError as error:
                if code_of(error) in GONE:  # the whole thread was deleted
                    return ""
                raise
            for found in page["messages"]:
                payload = (found.get("metadata") or {}).get("event_payload") or {}
                if value and payload.get(name) == value:
                    self.seen[str(found["ts"])] = found["metadata"]
                    return str(found["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return ""
        raise RetryLater("too many messages have come since to tell whether this one stands there")


def fitting(call: Callable[[Mapping[str, Any]], SlackResponse], content: Mapping[str, Any]) -> SlackResponse:
    """Slack's answer; where it refuses the blocks, the answer to the same in text alone."""
    try:
        return call(content)
    except SlackApiError as error:
        if code_of(error) not in UNFIT:
            raise
    return call(without_blocks(content))


def metadata(event: Event) -> dict[str, Any]:
    payload = {DELIVERY_ID: event.delivery_id, CALL_ID: event.call_id or ""}
    return {"event_type": METADATA, "event_payload": payload}
