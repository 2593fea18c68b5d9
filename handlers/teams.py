"""Posts each event of a call to a Microsoft Teams channel, as a card, by a Teams workflow. Recipe: recipes/teams.md.

At least once: a workflow cannot be asked what it has posted. It answers 202 before it posts, so a card that Teams
refuses shows in the workflow's run history alone; those made here stay within what Teams takes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from receiver import EVERY_EVENT, ConfigurationError, Event, Pause, Run, handles
from receiver.toolkit import (
    BUSINESS,
    allowed_hosts,
    check_url,
    first_text,
    is_urgent,
    not_there,
    outcome_of,
    say,
    send,
    shown_fields,
    shown_title,
)

if TYPE_CHECKING:
    import httpx

NAME = "TEAMS_WEBHOOK_URL"
RETIRED = "webhook.office.com"  # an Office 365 connector's; Microsoft switched these off in 2026
# Together they stay under the 28 KB that a message in Teams may have, also where each character takes four bytes.
VALUE_CHARS, SUMMARY_CHARS, LINK_CHARS = 200, 3000, 500
LINKS = (("Listen to the recording", "recording_url"), ("Open in the calendar", "calendar_event_link"))
GONE = (401, 403, 410)
SWITCHED_OFF = b"WorkflowTriggerIsNotEnabled"

Element = dict[str, Any]
Settings = Mapping[str, str]


def target(settings: Settings) -> dict[str, dict[str, str]]:
    """The one target, once its URL makes sense."""
    url, allowed = settings[NAME], settings["FORWARD_ALLOW_HOSTS"]
    check_url(url, NAME, allowed_hosts(allowed))
    if (urlsplit(url).hostname or "").endswith(RETIRED):
        raise ConfigurationError(f"{NAME} is an Office 365 connector's, and these are switched off: make a workflow")
    return {"": {**settings, "url": url, "allowed": allowed}}


@handles(
    *EVERY_EVENT,
    needs=NAME,
    optional={"FORWARD_ALLOW_HOSTS": "", **BUSINESS},
    targets=target,
    parallel=1,
    pace_s=1,
    asks=False,
)
def post(event: Event, run: Run) -> str:
    """Post it as a card; the outcome is the status, 202 for a workflow that was started."""
    body = json.dumps(message(event, run.settings), ensure_ascii=False).encode()
    run.check_lease()
    answer = send(
        "POST",
        run.settings["url"],
        content=body,
        headers={"Content-Type": "application/json"},
        allowed=allowed_hosts(run.settings["allowed"]),
    )
    return read(answer, run)


def read(answer: httpx.Response, run: Run) -> str:
    """The status, or what a refusal means."""
    said = f"Teams answered {answer.status_code}"
    if SWITCHED_OFF in answer.content:
        raise Pause(f"{said}: the workflow is switched off; switch it on in the Workflows app")
    if answer.status_code in GONE:
        raise Pause(f"{said}: copy the workflow's URL again, to its very end, into {NAME}")
    if answer.status_code == 404:
        raise not_there(run, said, "the workflow is gone; make it again")
    return outcome_of(answer, run, "Teams")


def message(event: Event, settings: Settings) -> Element:
    """In the form that the workflow's template reads."""
    kind = "application/vnd.microsoft.card.adaptive"
    return {
        "type": "message",
        "attachments": [{"contentType": kind, "contentUrl": None, "content": card(event, settings)}],
    }


def card(event: Event, settings: Settings) -> Element:
    """An Adaptive Card. What a caller said stands in text runs, which know no Markdown, so it can make no links."""
    language = settings["BUSINESS_LANGUAGE"]
    title = shown_title(event, language)[:VALUE_CHARS]
    if is_urgent([event]):
        title = f"🚨 {say('Urgent', language)}: {title}"
    fields = [(say(label, language), value) for label, value in shown_fields([event], settings)]
    summary = first_text([event], "summary", "call_summary")[0][:SUMMARY_CHARS]
    lines = [line(text(title, weight="Bolder", size="Medium"))]
    lines += [line(text(f"{label}: ", weight="Bolder"), text(value[:VALUE_CHARS])) for label, value in fields]
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": [*lines, *([line(text(summary))] if summary else [])],
        "actions": [
            {"type": "Action.OpenUrl", "title": say(label, language), "url": url}
            for label, attribute in LINKS
            if is_link(url := first_text([event], attribute)[0])
        ],
    }


def line(*texts: Element) -> Element:
    return {"type": "RichTextBlock", "inlines": list(texts)}


def text(words: str, **style: str) -> Element:
    return {"type": "TextRun", "text": words, **style}


def is_link(url: str) -> bool:
    return url.startswith("https://") and url.isprintable() and " " not in url and len(url) <= LINK_CHARS
