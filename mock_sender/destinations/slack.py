"""Slack's Web API and an incoming webhook, for the calls that are made.

https://docs.slack.dev/reference/methods/chat.postMessage, …/chat.update, …/conversations.history,
…/conversations.replies, https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from typing import Any
from urllib.parse import parse_qs

TOKEN, CHANNEL, URGENT_CHANNEL, HOOK = "xoxb-demo", "C0DEMO", "C0URGENT", "/services/T0/B0/demo"
CHANNELS = (CHANNEL, URGENT_CHANNEL)
LIMITS = {"header": 150, "section": 3000, "field": 2000}
SHOWN = ("type", "subtype", "ts", "thread_ts", "text", "blocks", "edited", "reply_count")

Reply = tuple[int, Any]
Message = dict[str, Any]

TOMBSTONE: Message = {
    "subtype": "tombstone", "text": "This message was deleted.", "blocks": [], "metadata": {}, "delivery_id": None,
}  # fmt: skip


class Slack:
    """A workspace with two channels. What it should refuse is set from outside."""

    def __init__(self) -> None:
        # A channel, and the code with which it refuses everything: `external_channel_migrating` while it is moved to
        # another workspace, `is_archived`, `not_in_channel`, …
        # (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
        self.closed: dict[str, str] = {}
        self.locked: set[str] = set()  # the ts of each thread in which an administrator lets nobody reply any more
        # What the webhook answers. One that was revoked, or whose workspace is gone, says 400 invalid_token
        # (github.com/trufflesecurity/trufflehog/pull/5177), else 403 action_prohibited, 404 no_service, 410
        # channel_is_archived (https://api.slack.com/changelog, 17 May 2016).
        self.hook: Reply = (200, "ok")
        self.mutex = threading.Lock()
        self.messages: list[Message] = []
        self.numbers = itertools.count(1)
        self.keeps_all = False  # for the workspace's compliance exports: nothing can be deleted

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Reply:
        if path.startswith("/services/"):
            return self.webhook(path, body)
        if error := self.unfit_token(headers.get("authorization", "")):
            return refusal(error)
        asked = self.arguments(headers, query, body)
        if path == "/api/auth.test":
            return 200, {"ok": True, "user": "inboundflow"}
        methods = {
            "/api/chat.postMessage": self.post,
            "/api/chat.update": self.update,
            "/api/chat.delete": self.chat_delete,
            "/api/conversations.history": self.history,
            "/api/conversations.replies": self.replies,
        }
        if path not in methods:
            return refusal("unknown_method")
        if asked.get("channel") not in CHANNELS:
            return refusal("channel_not_found")
        if asked["channel"] in self.closed:
            return refusal(self.closed[asked["channel"]])
        with self.mutex:
            return methods[path](asked)

    def unfit_token(self, authorization: str) -> str:
        """An app's token is real, and of the wrong type (https://docs.slack.dev/authentication/tokens)."""
        if authorization.startswith("Bearer xapp-"):
            return "not_allowed_token_type"
        return "" if authorization == f"Bearer {TOKEN}" else "invalid_auth"

    def arguments(self, headers: dict[str, str], query: str, body: bytes) -> dict[str, Any]:
        if headers.get("content-type", "").startswith("application/json"):
            return dict(json.loads(body or b"{}"))  # the SDK asks auth.test so, with nothing in it
        return {name: values[0] for name, values in parse_qs(f"{query}&{body.decode()}").items()}

    def webhook(self, path: str, body: bytes) -> Reply:
        if path != HOOK:
            return 404, "no_service"
        if self.hook[0] != 200:
            return self.hook
        asked = json.loads(body)
        if error := unfit(asked):
            return 400, error
        with self.mutex:
            self.keep(asked | {"channel": CHANNEL, "metadata": None}, by="webhook")
        return 200, "ok"

    def post(self, asked: Message) -> Reply:
        """Post it. A reply to a message that is gone is no refusal: it stands in the channel, and only `thread_ts` of
        the answer's message tells (github.com/slack-go/slack/issues/1571).
        """
        if error := unfit(asked):
            return refusal(error)
        parent = self.find(asked["channel"], asked.get("thread_ts", ""))
        if parent is None:
            asked = {name: value for name, value in asked.items() if name != "thread_ts"}
        elif parent.get("thread_ts", parent["ts"]) != parent["ts"]:
            return refusal("cannot_reply_to_message")
        elif parent["ts"] in self.locked:
            return refusal("restricted_action_thread_locked")
        else:
            parent["thread_ts"] = parent["ts"]
            parent["reply_count"] = parent.get("reply_count", 0) + 1
        kept = self.keep(asked)
        message = {name: kept[name] for name in ("text", "ts", "thread_ts") if name in kept}
        return 200, {"ok": True, "channel": asked["channel"], "ts": kept["ts"], "message": message}

    def say(self, text: str, thread: str = "", channel: str = CHANNEL) -> str:
        """What a person writes; its ts."""
        asked = {"channel": channel, "text": text} | ({"thread_ts": thread} if thread else {})
        with self.mutex:
            ts: str = self.post(asked)[1]["ts"]
            self.messages[-1]["by"] = "person"
        return ts

    def keep(self, asked: Message, by: str = "bot") -> Message:
        kept = {"type": "message", "channel": asked["channel"], "ts": f"{int(time.time())}.{next(self.numbers):06d}"}
        kept["by"] = by
        kept |= content(asked)
        if asked.get("thread_ts"):
            kept["thread_ts"] = asked["thread_ts"]
        self.messages.append(kept)
        return kept

    def update(self, asked: Message) -> Reply:
        """Replace what a message says. Metadata that is not given is kept, and `{}` removes it; blocks that are not
        given beside a text are gone (https://docs.slack.dev/reference/methods/chat.update).
        """
        message = self.find(asked["channel"], asked.get("ts", ""))
        if message is None:
            return refusal("message_not_found")
        if message.get("subtype") == "tombstone":
            return refusal("cant_update_message")  # what Slack says is not documented: the answer that misleads most
        if error := unfit(asked):
            return refusal(error)
        given = content(asked)
        if "metadata" not in asked:
            given |= {"metadata": message["metadata"], "delivery_id": message["delivery_id"]}
        message |= given | {"edited": {"ts": f"{int(time.time())}.000000"}}
        return 200, {"ok": True, "channel": asked["channel"], "ts": message["ts"], "text": message["text"]}

    def chat_delete(self, asked: Message) -> Reply:
        """A bot deletes its own (https://docs.slack.dev/reference/methods/chat.delete). A tombstone cannot be deleted
        (github.com/hackclub/toriel/pull/238); with which code that is refused is not documented.
        """
        message = self.find(asked["channel"], asked.get("ts", ""))
        if message is None:
            return refusal("message_not_found")
        if self.keeps_all:
            return refusal("compliance_exports_prevent_deletion")
        if message["by"] != "bot" or message.get("subtype") == "tombstone":
            return refusal("cant_delete_message")
        self.remove(message)
        return 200, {"ok": True, "channel": asked["channel"], "ts": message["ts"]}

    def delete(self, ts: str) -> None:
        """What a person does: the message is gone."""
        with self.mutex:
            for message in [message for message in self.messages if message["ts"] == ts]:
                self.remove(message)

    def remove(self, message: Message) -> None:
        """Where it has replies, a tombstone keeps them together
        (github.com/microsoft/vscode-github-triage-actions/pull/78), until the last of them is gone.
        """
        if message.get("reply_count"):
            message |= TOMBSTONE
            return
        self.messages.remove(message)
        parent = self.find(message["channel"], message.get("thread_ts", ""))
        if parent is not None and parent is not message:
            parent["reply_count"] -= 1
            if parent.get("subtype") == "tombstone" and not parent["reply_count"]:
                self.messages.remove(parent)

    def find(self, channel: str, ts: str) -> Message | None:
        return next((m for m in self.messages if (m["channel"], m["ts"]) == (channel, ts)), None)

    def history(self, asked: Message) -> Reply:
        """Newest first, and no replies."""
        oldest = float(asked.get("oldest") or 0)
        messages = [
            m for m in reversed(self.messages)
            if m["channel"] == asked["channel"] and float(m["ts"]) > oldest and m.get("thread_ts", m["ts"]) == m["ts"]
        ]  # fmt: skip
        return page(messages, asked)

    def replies(self, asked: Message) -> Reply:
        """The parent, then its replies, oldest first."""
        parent = self.find(asked["channel"], asked.get("ts", ""))
        if parent is None:
            return refusal("thread_not_found")
        replies = [m for m in self.messages if m is not parent and m.get("thread_ts") == parent["ts"]]
        return page([parent, *replies], asked)

    def effects(self) -> list[dict[str, str]]:
        return [
            {
                "delivery_id": m["delivery_id"],
                "where": f"{'message' if m.get('thread_ts') in (None, m['ts']) else 'its reply'} {m['ts']}",
            }
            for m in self.messages
        ]


def refusal(error: str) -> Reply:
    return 200, {"ok": False, "error": error}


def content(asked: Message) -> Message:
    metadata = asked.get("metadata") or {}
    return {
        "text": asked.get("text", ""),
        "blocks": asked.get("blocks") or [],
        "metadata": metadata,
        "delivery_id": metadata.get("event_payload", {}).get("delivery_id"),
    }


def page(messages: list[Message], asked: Message) -> Reply:
    """One page of messages; the cursor to the next."""
    start, limit = int(asked.get("cursor") or 0), int(asked.get("limit") or 100)
    with_metadata = str(asked.get("include_all_metadata")).lower() in ("1", "true")
    names = (*SHOWN, "metadata") if with_metadata else SHOWN
    shown = [
        {k: v for k, v in m.items() if k in names and (v or k != "metadata")} for m in messages[start : start + limit]
    ]
    more = start + limit < len(messages)
    cursor = {"next_cursor": str(start + limit) if more else ""}
    return 200, {"ok": True, "messages": shown, "has_more": more, "response_metadata": cursor}


def unfit(asked: Message) -> str:
    """Slack's code for what it would refuse in a message; "" where it takes it."""
    if not asked.get("text") and not asked.get("blocks"):
        return "no_text"
    if len(asked.get("text", "")) > 40_000:
        return "msg_too_long"
    return "invalid_blocks" if wrong(asked.get("blocks") or []) else ""


def wrong(blocks: list[dict[str, Any]]) -> bool:
    """Whether Slack would refuse the blocks as invalid."""
    texts: list[tuple[int, Any]] = []
    for block in blocks:
        if "text" in block:
            texts.append((LIMITS[block["type"]], block["text"]["text"]))
        texts += [(LIMITS["field"], field["text"]) for field in block.get("fields", [])]
    too_many = len(blocks) > 50 or any(len(block.get("fields", [])) > 10 for block in blocks)
    return too_many or any(not 0 < len(text) <= limit for limit, text in texts) or buttons(blocks)


def buttons(blocks: list[dict[str, Any]]) -> bool:
    """Whether there are any. Slack takes them, and warns whoever clicks one, as the recipe's app has no interactivity:
    "This app is not configured to handle interactive responses" (github.com/slackapi/slack-github-action/issues/513).
    """
    return any(block["type"] == "actions" or "accessory" in block for block in blocks)
