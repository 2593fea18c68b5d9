"""One channel at Slack's Web API: our messages in it, and posting more."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from receiver import GiveUp, Pause, RetryLater
from receiver.toolkit import time_left_s

from .codes import TOO_MUCH
from .message import Message
from .refusals import FIXED, GONE, KEPT, NOT_OURS, code, meaning

TIMEOUT_S = 5  # of an attempt's 20 s, for up to four calls
METADATA, ALERT = "inboundflow_event", "inboundflow_alert"
PAGES, PAGE = 25, 200  # Slack asks for no more than 200 at a time

logging.getLogger("slack_sdk").setLevel(logging.CRITICAL)  # at ERROR it writes answers, which may echo what was sent


class Gone(Exception):
    """The message is not there any more."""


def connect(settings: Mapping[str, str]) -> WebClient:
    return WebClient(
        settings["SLACK_BOT_TOKEN"],
        base_url=settings["SLACK_API_URL"],
        timeout=TIMEOUT_S,
        retry_handlers=[],  # its default posts again by itself after a reset, although the first may have arrived
    )


@dataclass(frozen=True, kw_only=True)
class Channel:
    client: WebClient
    id: str
    variable: str  # that holds the id
    check_lease: Callable[[], None]

    def messages(self, oldest: float) -> Iterator[Message]:
        """Our messages in the channel, newest first; replies stand in their threads alone."""
        with self.answers():
            yield from self.ours(self.client.conversations_history, oldest=str(oldest))

    def replies(self, thread: str) -> Iterator[Message]:
        """Our messages in a thread, its parent among them."""
        with self.answers():
            yield from self.ours(self.client.conversations_replies, ts=thread)

    def ours(self, ask: Callable[..., Any], **what: str) -> Iterator[Message]:
        cursor = None
        for _ in range(PAGES):
            self.limit_time()
            page = ask(channel=self.id, limit=PAGE, include_all_metadata=True, cursor=cursor, **what)
            for message in page.get("messages") or []:
                if (message.get("metadata") or {}).get("event_type") == METADATA:
                    yield message
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return

    def say(self, message: Message, payload: Mapping[str, str], thread: str = "") -> tuple[str, str]:
        """Post it; its ts, and the thread that it is in: a reply whose parent is gone Slack posts into the channel."""
        more: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}
        if thread:
            more["thread_ts"] = thread
        answer = self.write(self.client.chat_postMessage, message, payload, **more)
        return str(answer["ts"]), str((answer.get("message") or more).get("thread_ts", ""))

    def edit(self, ts: str, message: Message, payload: Mapping[str, str]) -> None:
        """Put `message` in the place of what stands there."""
        self.write(self.client.chat_update, message, payload, ts=ts)

    def delete(self, ts: str) -> None:
        """A message of ours; where it is gone already, or only its replies are there, nothing is to be done."""
        with suppress(Gone), self.answers():
            self.limit_time()
            try:
                self.client.chat_delete(channel=self.id, ts=ts)
            except SlackApiError as error:
                if (why := code(error)) not in KEPT:
                    raise
                if why != NOT_OURS or not self.is_tombstone(ts):
                    raise GiveUp(f"Slack: {why}: {KEPT[why]}") from error

    def replies_of_others(self, thread: str) -> int:
        """How many are left in the thread of a message that was deleted."""
        try:
            with self.answers():
                self.limit_time()
                page = self.client.conversations_replies(channel=self.id, ts=thread, limit=PAGE)
        except (Gone, GiveUp, Pause, RetryLater):  # it was deleted, and this is but a look
            return 0
        return sum(message.get("ts") != thread for message in page.get("messages") or [])

    def is_tombstone(self, ts: str) -> bool:
        """Whether the message was deleted, and only its replies are there."""
        with self.answers():
            self.limit_time()
            page = self.client.conversations_replies(channel=self.id, ts=ts, limit=1)
        return any(message.get("subtype") == "tombstone" for message in page.get("messages") or [])

    def write(self, ask: Callable[..., Any], message: Message, payload: Mapping[str, str], **more: Any) -> Any:
        """With its blocks; where Slack does not take those, once without."""
        common = more | {"channel": self.id, "metadata": {"event_type": METADATA, "event_payload": dict(payload)}}
        with self.answers():
            self.check_lease()
            self.limit_time()
            try:
                return ask(text=message["text"], blocks=message["blocks"], **common)
            except SlackApiError as error:
                if code(error) not in TOO_MUCH:
                    raise
            self.check_lease()
            self.limit_time()
            # Empty, so that an edited message keeps none of its blocks.
            return ask(text=message["without_blocks"], blocks=[], **common)

    def limit_time(self) -> None:
        """Let the next request end with the attempt's time. Raises RetryLater where nothing of that is left."""
        self.client.timeout = math.ceil(time_left_s(TIMEOUT_S))

    @contextmanager
    def answers(self) -> Iterator[None]:
        try:
            yield
        except SlackApiError as error:
            if code(error) in GONE | FIXED:
                raise (Gone if code(error) in GONE else Fixed)(code(error)) from error
            raise meaning(error, self.variable) from error
        except (OSError, URLError) as error:
            raise RetryLater(f"Slack did not answer ({type(error).__name__})", failure="no-answer") from error


class Fixed(Exception):
    """The message may not be edited."""


def post_text(settings: Mapping[str, str], id: str, variable: str, text: str, key: str) -> str:
    """Post a text of our own, which is about no delivery; where it is. Raises what Slack's refusal means."""
    metadata = {"event_type": ALERT, "event_payload": {"key": key}}
    channel = Channel(client=connect(settings), id=id, variable=variable, check_lease=lambda: None)
    with channel.answers():
        channel.limit_time()
        answer = channel.client.chat_postMessage(
            channel=id, text=text, metadata=metadata, unfurl_links=False, unfurl_media=False
        )
    return f"{id} {answer['ts']}"
