"""One channel through a bot's eyes: a thread for each call, and what stands there already."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
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
CLOCKS_S = 120  # by so much two machines' clocks may differ
CANNOT_EDIT = {"message_not_found", "cant_update_message", "edit_window_closed", "update_failed"}


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
        self.client = WebClient(
            run.settings["SLACK_BOT_TOKEN"],
            base_url=run.settings["SLACK_API_URL"],
            timeout=TIMEOUT_S,
            retry_handlers=[],  # its default posts again by itself after a reset, although the first may have arrived
        )

    def tell(self, event: Event, earlier: Sequence[Earlier]) -> str:
        """Begin the call's thread, or reply in it and bring its first message up to date; where the message stands."""
        places = {place: one.event for one in earlier if (place := read_place(one.outcome))}
        threads = [place.thread for place in places if place.channel == self.name]
        thread = max(threads, key=float, default="")  # the newest, where somebody deleted an older one
        place = self.there_already(thread) if self.run.unsure else None
        place = place or self.post(event, earlier, thread)
        if place.thread != place.ts:
            self.edit(place.thread, event, earlier, places)
        return str(place)

    def post(self, event: Event, earlier: Sequence[Earlier], thread: str) -> Place:
        if thread:
            try:
                return self.post_one(event, of_event(event, self.run.settings), thread)
            except SlackApiError as error:
                if code_of(error) not in GONE:
                    raise
        return self.post_one(event, self.state_of_call(event, earlier), "")

    def post_one(self, event: Event, content: Mapping[str, Any], thread: str) -> Place:
        self.run.hold()
        options: dict[str, Any] = {"channel": self.name, "metadata": metadata(event)}
        if thread:
            options["thread_ts"] = thread
        answer = fitting(lambda fit: self.client.chat_postMessage(**options, **fit), content)
        ts = str(answer["ts"])
        return Place(self.name, ts, thread or ts)

    def edit(self, thread: str, event: Event, earlier: Sequence[Earlier], places: Mapping[Place, Event]) -> None:
        """Let the thread's first message show the latest. Slack drops its metadata unless it is given again."""
        begun_by = next((found for place, found in places.items() if place.ts == thread), None)
        content = self.state_of_call(event, earlier)
        wanted = {name: content[name] for name in ("text", "blocks")}
        options: dict[str, Any] = {"channel": self.name, "ts": thread}
        if begun_by:
            options["metadata"] = metadata(begun_by)
        self.run.hold()
        try:
            fitting(lambda fit: self.client.chat_update(**options, **fit), wanted)
        except SlackApiError as error:
            if code_of(error) not in CANNOT_EDIT:  # then the reply tells it alone
                raise

    def state_of_call(self, event: Event, earlier: Sequence[Earlier]) -> dict[str, Any]:
        return of_call([*(one.event for one in earlier), event], self.run.settings)

    def there_already(self, thread: str) -> Place | None:
        """Where this delivery's message stands, if an earlier attempt left one: replies are not in the history."""
        if thread and (ts := self.search(self.client.conversations_replies, ts=thread)):
            return Place(self.name, ts, thread)
        ts = self.search(self.client.conversations_history)
        return Place(self.name, ts, ts) if ts else None

    def search(self, list_messages: Callable[..., SlackResponse], **options: str) -> str:
        oldest = str(self.run.delivery.received_us / 1e6 - CLOCKS_S)
        cursor = None
        for _ in range(PAGES):
            try:
                page = list_messages(
                    channel=self.name, oldest=oldest, limit=PAGE, include_all_metadata=True, cursor=cursor, **options
                )
            except SlackApiError as error:
                if code_of(error) in GONE:  # the whole thread was deleted
                    return ""
                raise
            for found in page["messages"]:
                if ((found.get("metadata") or {}).get("event_payload") or {}).get(
                    "delivery_id"
                ) == self.run.delivery.key:
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
    payload = {"delivery_id": event.delivery_id, "call_id": event.call_id or ""}
    return {"event_type": METADATA, "event_payload": payload}
