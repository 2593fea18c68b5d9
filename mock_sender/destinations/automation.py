"""Zapier's Catch Hook, Make's custom webhook and n8n's Webhook node, as they answer. All three only say "taken".

https://help.zapier.com/hc/en-us/articles/8496288690317 https://help.make.com/webhooks
https://docs.n8n.io/integrations/builtin/core-nodes/n8n-nodes-base.webhook/
"""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from typing import Any

Reply = tuple[int, Any]


class Hook:
    """A webhook that keeps what it takes."""

    path = ""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.gone = False
        self.ids = itertools.count(1)

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Reply:
        if path != self.path or method != "POST" or self.gone:
            return self.absent(path)
        refused = self.refused(body)
        if refused is None:
            self.received.append({"headers": headers, "body": body})
        return refused or self.taken()

    def refused(self, body: bytes) -> Reply | None:
        return None

    def absent(self, path: str) -> Reply:
        raise NotImplementedError

    def taken(self) -> Reply:
        raise NotImplementedError

    def effects(self) -> list[dict[str, str]]:
        return [
            {"delivery_id": delivery_id(request["body"]), "where": f"request {number}"}
            for number, request in enumerate(self.received, start=1)
        ]


class Zapier(Hook):
    path = "/hooks/catch/1234567/a1b2c3d"

    def absent(self, path: str) -> Reply:
        return (410, {"status": "gone"}) if self.gone else (404, {"status": "not found"})

    def taken(self) -> Reply:
        made = f"0190f5c0-0000-4000-8000-{next(self.ids):012d}"
        return 200, {"status": "success", "id": made, "request_id": made, "attempt": made}


class Make(Hook):
    path = "/k3yofthehook0000000000000000abcd"

    def __init__(self) -> None:
        super().__init__()
        self.queue_full = False

    def refused(self, body: bytes) -> Reply | None:
        return (400, "Queue is full.") if self.queue_full else None

    def absent(self, path: str) -> Reply:
        return (410, "Gone") if self.gone else (404, "Not found")

    def taken(self) -> Reply:
        return 200, "Accepted"


class N8n(Hook):
    """`registered` is false while n8n starts, and where the workflow is not active."""

    path = "/webhook/inboundflow"

    def __init__(self) -> None:
        super().__init__()
        self.registered = True

    def refused(self, body: bytes) -> Reply | None:
        if not self.registered:
            return self.absent(self.path)
        with suppress(ValueError):
            json.loads(body)
            return None
        return 422, {"code": 422, "message": "Failed to parse request body"}

    def absent(self, path: str) -> Reply:
        name = path.removeprefix("/webhook/")
        message = f'The requested webhook "POST {name}" is not registered.'
        hint = "The workflow must be active for a production URL to run successfully."
        return 404, {"code": 404, "message": message, "hint": hint}

    def taken(self) -> Reply:
        return 200, {"message": "Workflow was started"}


def delivery_id(body: bytes) -> str:
    with suppress(ValueError):
        envelope = json.loads(body)
        if isinstance(envelope, dict):
            return str(envelope.get("delivery_id", ""))
    return ""
