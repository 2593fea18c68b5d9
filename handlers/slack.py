"""Posts each event to a Slack channel. Recipe: recipes/slack.md.

With a bot token once: the message carries the delivery id as metadata, and after an attempt of unknown end the
channel is asked for it first. With an incoming webhook at least once: a webhook cannot be asked.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from receiver import (
    AppointmentBooked,
    CallCompleted,
    CallTransferred,
    Event,
    GiveUp,
    LeadCreated,
    Pause,
    RetryLater,
    Run,
    UnknownEvent,
    all_of,
    check_status,
    handles,
    one_of,
    retry_after_s,
    send,
)

TIMEOUT_S = 10
METADATA = "inboundflow_event"
HISTORY_PAGES, HISTORY_PAGE = 5, 200

TITLES = {
    CallCompleted: "Call completed",
    CallTransferred: "Call transferred",
    AppointmentBooked: "Appointment booked",
    LeadCreated: "New lead",
}
# label, attribute of the event; those that it lacks are left out
FIELDS = (
    ("Caller", "caller_name"),
    ("Phone", "caller_phone"),
    ("E-mail", "caller_email"),
    ("Intent", "intent"),
    ("Urgency", "urgency"),
    ("Service", "service_type"),
    ("Starts", "appointment_time_start"),
    ("Transferred to", "transferred_to_label"),
    ("Reason", "reason"),
    ("Interest", "interest"),
)
LINKS = (("Listen to the recording", "recording_url"), ("Open in the calendar", "calendar_event_link"))

# https://docs.slack.dev/reference/block-kit/blocks
HEADER_CHARS, SECTION_CHARS, FIELD_CHARS, FIELDS_MOST, URL_CHARS, TEXT_CHARS = 150, 3000, 2000, 10, 3000, 3900

# https://docs.slack.dev/reference/methods/chat.postMessage#errors
WAIT = {"ratelimited": 30, "rate_limited": 30, "message_limit_exceeded": 3600, "team_added_to_org": 3600}
MAY_HAVE_WORKED = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
MENDS = {
    "not_in_channel": "invite the bot to the channel: /invite @name",
    "channel_not_found": "SLACK_CHANNEL should be the channel's id (C…), and the bot a member of it",
    "is_archived": "the channel is archived: choose another in SLACK_CHANNEL",
    "missing_scope": "the bot lacks a scope: it needs chat:write and channels:history",
    "invalid_auth": "SLACK_BOT_TOKEN is not valid",
    "not_authed": "SLACK_BOT_TOKEN is not valid",
    "token_revoked": "SLACK_BOT_TOKEN was revoked",
    "token_expired": "SLACK_BOT_TOKEN has expired",
    "account_inactive": "the bot's account was switched off",
}


@handles(
    CallCompleted,
    CallTransferred,
    AppointmentBooked,
    LeadCreated,
    UnknownEvent,
    needs=one_of(all_of("SLACK_BOT_TOKEN", "SLACK_CHANNEL"), "SLACK_WEBHOOK_URL"),
    optional={"SLACK_API_URL": "https://slack.com/api/"},
    parallel=1,  # Slack takes about one message a second in a channel
)
def post(event: Event, run: Run) -> str:
    """Post it once; the outcome is the message's ts (a webhook has none: `ok`)."""
    if "SLACK_BOT_TOKEN" not in run.settings:
        return post_to_webhook(event, run)
    client = WebClient(
        run.settings["SLACK_BOT_TOKEN"],
        base_url=run.settings["SLACK_API_URL"],
        timeout=TIMEOUT_S,
        retry_handlers=[],  # its default posts again by itself after a reset, although the first may have arrived
    )
    channel = run.settings["SLACK_CHANNEL"]
    try:
        if run.unsure and (ts := posted_before(client, channel, run)):
            return ts
        run.hold()
        return str(client.chat_postMessage(channel=channel, **message(event), metadata=metadata(event))["ts"])
    except SlackApiError as error:
        refused(error)
    except (OSError, URLError) as error:
        raise RetryLater(f"Slack did not answer ({type(error).__name__})") from error


def posted_before(client: WebClient, channel: str, run: Run) -> str | None:
    """The ts of this delivery's message, where an earlier attempt left it."""
    oldest = str(run.delivery.received_us / 1e6 - 120)  # two minutes for clocks that differ
    cursor = None
    for _ in range(HISTORY_PAGES):
        page = client.conversations_history(
            channel=channel, oldest=oldest, limit=HISTORY_PAGE, include_all_metadata=True, cursor=cursor
        )
        for found in page["messages"]:
            if found.get("metadata", {}).get("event_payload", {}).get("delivery_id") == run.delivery.key:
                return str(found["ts"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
    return None


def post_to_webhook(event: Event, run: Run) -> str:
    run.hold()
    body = json.dumps(message(event)).encode()
    answer = send("POST", run.settings["SLACK_WEBHOOK_URL"], content=body, headers={"Content-Type": "application/json"})
    if answer.status_code == 404:
        raise Pause("Slack knows no such webhook (404): SLACK_WEBHOOK_URL was deleted or is mistyped")
    check_status(answer.status_code, answer.headers, what="Slack's webhook")
    return "ok"


def refused(error: SlackApiError) -> NoReturn:
    """Raise what Slack's answer means. Slack says some of it with status 200."""
    status, code = error.response.status_code, slug(error.response.get("error"))
    headers = {name.lower(): value for name, value in error.response.headers.items()}
    if status == 429 or code in WAIT:
        raise RetryLater(f"Slack: {code or 429}", delay_s=retry_after_s(headers) or WAIT.get(code, 30)) from error
    if status >= 500 or code in MAY_HAVE_WORKED or not code:
        raise RetryLater(f"Slack answered {status} {code}".rstrip()) from error
    if code in MENDS:
        raise Pause(f"Slack: {code}: {MENDS[code]}") from error
    raise GiveUp(f"Slack: {code}") from error


def slug(code: object) -> str:
    """Slack's error code; "" for the text that its client makes of an answer that is not JSON."""
    return code if isinstance(code, str) and re.fullmatch(r"[a-z_]{2,60}", code) else ""


def metadata(event: Event) -> dict[str, Any]:
    payload = {"delivery_id": event.delivery_id, "call_id": event.call_id or ""}
    return {"event_type": METADATA, "event_payload": payload}


def message(event: Event) -> dict[str, Any]:
    """Text for notifications, blocks for the eye. What a caller said can mention nobody and link nowhere."""
    title = TITLES.get(type(event), event.event or "An event of an unknown kind")
    who = event.caller_name or event.caller_phone or "unknown caller"
    blocks: list[dict[str, Any]] = [{"type": "header", "text": plain(title, HEADER_CHARS)}]
    if fields := [field(label, value) for label, name in FIELDS if (value := said(event, name))]:
        blocks.append({"type": "section", "fields": fields[:FIELDS_MOST]})
    if summary := said(event, "summary") or said(event, "call_summary"):
        blocks.append({"type": "section", "text": mrkdwn(escaped(summary, SECTION_CHARS))})
    if buttons := [button(label, url) for label, name in LINKS if (url := said(event, name)) and usable(url)]:
        blocks.append({"type": "actions", "elements": buttons})
    blocks.append({"type": "context", "elements": [plain(f"Call {event.call_id or 'unknown'}", FIELD_CHARS)]})
    text = escaped(f"{title}: {who}", TEXT_CHARS)
    return {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def said(event: Event, name: str) -> str:
    return (getattr(event, name, None) or "").strip()


def field(label: str, value: str) -> dict[str, Any]:
    return mrkdwn(f"*{label}*\n{escaped(value, FIELD_CHARS - len(label) - 3)}")


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}  # verbatim: bare names and URLs stay text


def plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:most]}


def button(label: str, url: str) -> dict[str, Any]:
    return {"type": "button", "text": plain(label, 75), "url": url, "action_id": f"open_{label[:4].strip().lower()}"}


def usable(url: str) -> bool:
    return url.startswith("https://") and len(url) <= URL_CHARS


def escaped(text: str, most: int) -> str:
    """At most `most` characters after escaping, never ending inside an entity."""
    out: list[str] = []
    length = 0
    for char in text:
        piece = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(char, char)
        if length + len(piece) > most - 1:
            return "".join(out) + "…"
        out.append(piece)
        length += len(piece)
    return "".join(out)
