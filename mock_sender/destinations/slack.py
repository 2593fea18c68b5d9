"""Slack's Web API and an incoming webhook, for the calls that are made.

https://docs.slack.dev/reference/methods/chat.postMessage, /reference/methods/conversations.history,
/messaging/sending-messages-using-incoming-webhooks
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from typing import Any
from urllib.parse import parse_qs

TOKEN, CHANNEL, HOOK = "xoxb-demo", "C0DEMO", "/services/T0/B0/demo"
LIMITS = {"header": 150, "section": 3000, "field": 2000, "button": 75}

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
            return 200, {"ok": False, "error": "invalid_auth"}
        asked = self.arguments(headers, query, body)
        known = {"/api/chat.postMessage": self.post, "/api/conversations.history": self.history}
        known["/api/auth.test"] = lambda asked: (200, {"ok": True, "user": "inboundflow"})
        return known[path](asked) if path in known else (200, {"ok": False, "error": "unknown_method"})

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
        self.keep(asked)
        return 200, "ok"

    def post(self, asked: dict[str, Any]) -> Reply:
        if asked.get("channel") != CHANNEL:
            return 200, {"ok": False, "error": "channel_not_found"}
        if not asked.get("text") and not asked.get("blocks"):
            return 200, {"ok": False, "error": "no_text"}
        if wrong(asked.get("blocks", [])):
            return 200, {"ok": False, "error": "invalid_blocks"}
        kept = self.keep(asked)
        return 200, {"ok": True, "channel": CHANNEL, "ts": kept["ts"], "message": {"text": kept["text"]}}

    def keep(self, asked: dict[str, Any]) -> dict[str, Any]:
        metadata = asked.get("metadata") or {}
        with self.mutex:
            kept = {
                "ts": f"{int(time.time())}.{next(self.numbers):06d}",
                "text": asked.get("text", ""),
                "blocks": asked.get("blocks", []),
                "metadata": metadata,
                "delivery_id": metadata.get("event_payload", {}).get("delivery_id"),
            }
            self.messages.append(kept)
        return kept

    def history(self, asked: dict[str, Any]) -> Reply:
        if asked.get("channel") != CHANNEL:
            return 200, {"ok": False, "error": "channel_not_found"}
        oldest = float(asked.get("oldest") or 0)
        with_metadata = str(asked.get("include_all_metadata")).lower() in ("1", "true")
        shown = [
            {k: v for k, v in found.items() if k in ("ts", "text") or (k == "metadata" and with_metadata)}
            for found in reversed(self.messages)
            if float(found["ts"]) >= oldest
        ]
        return 200, {"ok": True, "messages": shown[: int(asked.get("limit") or 100)], "has_more": False}

    def effects(self) -> list[dict[str, str]]:
        return [{"delivery_id": m["delivery_id"], "where": f"message {m['ts']}"} for m in self.messages]


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
