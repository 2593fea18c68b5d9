"""Slack's Web API and an incoming webhook, for the calls that are made.

https://docs.slack.dev/reference/methods: chat.postMessage, chat.update, conversations.history, conversations.replies;
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from typing import Any
from urllib.parse import parse_qs

TOKEN, CHANNEL, URGENT_CHANNEL, HOOK = "xoxb-demo", "C0DEMO", "C0URGENT", "/services/T0/B0/demo"
LIMITS = {"header": 150, "section": 3000, "field": 2000, "button": 75}
SHOWN = ("ts", "text", "thread_ts")

Reply = tuple[int, Any]


class Slack:
    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.messages: list[dict[str, Any]] = []
        self.numbers = itertools.count(1)

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Reply:
        if path.startswith("/services/"):
            return self.webhook(path, body)
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal("invalid_auth")
        asked = self.arguments(headers, query, body)
        methods = {
            "/api/auth.test": lambda asked: (200, {"ok": True, "user": "inboundflow"}),
            "/api/chat.postMessage": self.post,
            "/api/chat.update": self.update,
            "/api/conversations.history": self.history,
            "/api/conversations.replies": self.replies,
        }
        if path not in methods:
            return refusal("unknown_method")
        if path != "/api/auth.test" and asked.get("channel") not in (CHANNEL, URGENT_CHANNEL):
            return refusal("channel_not_found")
        return methods[path](asked)

    def arguments(self, headers: dict[str, str], query: str, body: bytes) -> dict[str, Any]:
        if headers.get("content-type", "").startswith("application/json"):
            return dict(json.loads(body))
        return {name: values[0] for name, values in parse_qs(f"{query}&{body.decode()}").items()}

    def webhook(self, path: str, body: bytes) -> Reply:
        if path != HOOK:
            return 404, "no_service"
        asked = json.loads(body)
        if not asked.get("text"):
            return 400, "no_text"
        if wrong(asked.get("blocks", [])):
            return 400, "invalid_blocks"
        self.keep({**asked, "channel": CHANNEL, "metadata": None})
        return 200, "ok"

    def post(self, asked: dict[str, Any]) -> Reply:
        if found := self.unfit(asked):
            return refusal(found)
        if asked.get("thread_ts") and not self.at(asked["channel"], asked["thread_ts"]):
            return refusal("thread_not_found")
        kept = self.keep(asked)
        return 200, {"ok": True, "channel": asked["channel"], "ts": kept["ts"], "message": {"text": kept["text"]}}

    def update(self, asked: dict[str, Any]) -> Reply:
        """As the real one, it drops the metadata that is not given again."""
        found = self.at(asked["channel"], asked.get("ts"))
        if not found:
            return refusal("message_not_found")
        if why := self.unfit(asked):
            return refusal(why)
        with self.mutex:
            found.update(text=asked.get("text", ""), blocks=asked.get("blocks", []), metadata=asked.get("metadata"))
            found["edits"] += 1
        return 200, {"ok": True, "channel": asked["channel"], "ts": found["ts"], "text": found["text"]}

    def unfit(self, asked: dict[str, Any]) -> str:
        if not asked.get("text") and not asked.get("blocks"):
            return "no_text"
        return "invalid_blocks" if wrong(asked.get("blocks", [])) else ""

    def at(self, channel: str, ts: object) -> dict[str, Any] | None:
        return next((one for one in self.messages if (one["channel"], one["ts"]) == (channel, ts)), None)

    def delete(self, ts: str) -> None:
        """As a person may, with the thread below it."""
        with self.mutex:
            self.messages = [one for one in self.messages if ts not in (one["ts"], one["thread_ts"])]

    def keep(self, asked: dict[str, Any]) -> dict[str, Any]:
        metadata = asked.get("metadata") or {}
        with self.mutex:
            kept = {
                "channel": asked["channel"],
                "ts": f"{int(time.time())}.{next(self.numbers):06d}",
                "thread_ts": asked.get("thread_ts"),
                "text": asked.get("text", ""),
                "blocks": asked.get("blocks", []),
                "metadata": metadata,
                "delivery_id": metadata.get("event_payload", {}).get("delivery_id"),
                "edits": 0,
            }
            self.messages.append(kept)
        return kept

    def history(self, asked: dict[str, Any]) -> Reply:
        """Without the replies in threads; newest first."""
        found = [m for m in self.messages if m["channel"] == asked["channel"] and not m["thread_ts"]]
        return self.page(asked, found[::-1])

    def replies(self, asked: dict[str, Any]) -> Reply:
        """The thread's first message, then its replies."""
        ts = asked.get("ts")
        if not self.at(asked["channel"], ts):
            return refusal("thread_not_found")
        return self.page(asked, [m for m in self.messages if ts in (m["ts"], m["thread_ts"])])

    def page(self, asked: dict[str, Any], messages: list[dict[str, Any]]) -> Reply:
        since = [m for m in messages if float(m["ts"]) >= float(asked.get("oldest") or 0)]
        first, most = int(asked.get("cursor") or 0), int(asked.get("limit") or 100)
        shown = [self.shown(asked, one) for one in since[first : first + most]]
        more = len(since) > first + most
        cursor = {"response_metadata": {"next_cursor": str(first + most)}} if more else {}
        return 200, {"ok": True, "messages": shown, "has_more": more, **cursor}

    def shown(self, asked: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
        with_metadata = str(asked.get("include_all_metadata")).lower() in ("1", "true")
        names = (*SHOWN, "metadata") if with_metadata else SHOWN
        return {name: message[name] for name in names if message[name]}

    def effects(self) -> list[dict[str, str]]:
        return [
            {
                "delivery_id": m["delivery_id"],
                "where": f"message {m['ts']}" + (" in a thread" if m["thread_ts"] else ""),
            }
            for m in self.messages
        ]


def refusal(code: str) -> Reply:
    return 200, {"ok": False, "error": code}


def wrong(blocks: list[dict[str, Any]]) -> bool:
    """Whether Slack would refuse the blocks as invalid."""
    texts: list[tuple[int, Any]] = []
    for block in blocks:
        if "text" in block:
            texts.append((LIMITS[block["type"]], block["text"]["text"]))
        texts += [(LIMITS["field"], field["text"]) for field in block.get("fields", [])]
        if block["type"] == "actions":
            texts += [(LIMITS["button"], element["text"]["text"]) for element in block["elements"]]
    too_many = len(blocks) > 50 or any(len(block.get("fields", [])) > 10 for block in blocks)
    return too_many or any(not 0 < len(text) <= most for most, text in texts)
