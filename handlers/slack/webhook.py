"""The simple way: an incoming webhook. At least once, and without threads: it answers `ok` and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from receiver import Event, GiveUp, Pause, Run
from receiver.toolkit import allowed_hosts, check_status, send

from .message import of_event

if TYPE_CHECKING:
    import httpx

GONE = (403, 404, 410)
NAME = "SLACK_WEBHOOK_URL"


def post(event: Event, run: Run) -> str:
    message = of_event(event, run.settings)
    answer = post_json(run, {"text": message["text"], "blocks": message["blocks"]})
    if answer.status_code == 400:  # what it does not take in blocks, it may take as text
        answer = post_json(run, {"text": message["without_blocks"]})
    if answer.status_code in GONE:
        raise Pause(f"Slack's webhook answered {answer.status_code}: {NAME} was deleted, is mistyped, or may not post")
    if 300 <= answer.status_code < 400:
        raise GiveUp(f"Slack's webhook answered {answer.status_code}: {NAME} has moved, and redirects are not followed")
    check_status(answer.status_code, answer.headers, what="Slack's webhook")
    return "ok"


def post_json(run: Run, body: dict[str, Any]) -> httpx.Response:
    run.check_lease()
    return send(
        "POST",
        run.settings[NAME],
        content=json.dumps(body | {"unfurl_links": False, "unfurl_media": False}).encode(),
        headers={"Content-Type": "application/json"},
        allowed=allowed_hosts(run.settings["FORWARD_ALLOW_HOSTS"]),
    )
