"""The simple way: an incoming webhook. At least once, and without threads: it answers `ok` and nothing else."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from receiver import Event, GiveUp, Pause, RetryLater, Run
from receiver.toolkit import allowed_hosts, check_status, send

from .codes import TOO_MUCH, WAIT
from .message import of_event

if TYPE_CHECKING:
    import httpx

GONE = (403, 404, 410)
# A webhook that was revoked says so with any status, 400 among them.
REVOKED = {
    "invalid_token", "no_active_hooks", "no_service", "no_service_id", "no_team", "team_disabled", "user_not_found",
    "channel_not_found", "channel_is_archived", "action_prohibited", "posting_to_general_channel_denied",
}  # fmt: skip
LAYOUT = {*TOO_MUCH, "invalid_payload"}
NAME = "SLACK_WEBHOOK_URL"


def post(event: Event, run: Run) -> str:
    message = of_event(event, run.settings)
    answer = post_json(run, {"text": message["text"], "blocks": message["blocks"]})
    if slug(answer) in LAYOUT:  # what it does not take in blocks, it may take as text
        answer = post_json(run, {"text": message["without_blocks"]})
    check(answer)
    return "ok"


def say(url: str, text: str, allowed: str, name: str) -> None:
    """Post a text of our own. `name` is the variable that holds the URL."""
    answer = post_to(url, {"text": text}, allowed)
    check(answer, name)


def check(answer: httpx.Response, name: str = NAME) -> None:
    """Raise what a refusal means."""
    said = f"Slack's webhook answered {answer.status_code} {slug(answer)}".rstrip()
    if slug(answer) in WAIT:
        raise RetryLater(said, delay_s=WAIT[slug(answer)], cooldown=True)
    if answer.status_code in GONE or slug(answer) in REVOKED:
        raise Pause(f"{said}: {name} was revoked or deleted, is mistyped, or may not post")
    if 300 <= answer.status_code < 400:
        raise GiveUp(f"Slack's webhook answered {answer.status_code}: {name} has moved, and redirects are not followed")
    check_status(answer.status_code, answer.headers, what="Slack's webhook")


def slug(answer: httpx.Response) -> str:
    """Slack's code for a refusal; "" where its body is something else."""
    return match[1] if (match := re.fullmatch(r'\s*"?([a-z_]{2,60})"?\s*', answer.text)) else ""


def post_json(run: Run, body: dict[str, Any]) -> httpx.Response:
    run.check_lease()
    return post_to(run.settings[NAME], body, run.settings["FORWARD_ALLOW_HOSTS"])


def post_to(url: str, body: dict[str, Any], allowed: str) -> httpx.Response:
    return send(
        "POST",
        url,
        content=json.dumps(body | {"unfurl_links": False, "unfurl_media": False}).encode(),
        headers={"Content-Type": "application/json"},
        allowed=allowed_hosts(allowed),
    )
