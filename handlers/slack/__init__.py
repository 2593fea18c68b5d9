"""Tells each call in a Slack channel, in a thread of its own. Recipe: recipes/slack.md.

With a bot token once: each message carries its delivery's id as metadata, and after an attempt of unknown end the
channel is asked for it first. The thread's first message shows all that is known of the call, and is edited as more
comes. With an incoming webhook at least once and without threads: a webhook cannot be asked, and tells no ts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPException

from slack_sdk.errors import SlackApiError

from receiver import (
    BUSINESS,
    AppointmentBooked,
    CallCompleted,
    CallTransferred,
    Event,
    LeadCreated,
    Pause,
    RetryLater,
    Run,
    UnknownEvent,
    all_of,
    allowed_hosts,
    check_business,
    check_status,
    check_url,
    handles,
    one_of,
    send,
)

from .channel import Channel
from .message import is_urgent, of_event
from .refusals import refused

PACE_S = 1  # https://docs.slack.dev/apis/web-api/rate-limits: one message a second in a channel


def check(settings: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """One target, where all can be read; else it is misconfigured, and says why."""
    check_business(settings)
    if url := settings.get("SLACK_WEBHOOK_URL"):
        check_url(url, "SLACK_WEBHOOK_URL", allowed_hosts(settings["FORWARD_ALLOW_HOSTS"]))
    return {"": settings}


@handles(
    CallCompleted,
    CallTransferred,
    AppointmentBooked,
    LeadCreated,
    UnknownEvent,
    needs=one_of(all_of("SLACK_BOT_TOKEN", "SLACK_CHANNEL"), "SLACK_WEBHOOK_URL"),
    optional={
        "SLACK_API_URL": "https://slack.com/api/",
        "SLACK_URGENT_CHANNEL": "",
        "FORWARD_ALLOW_HOSTS": "",
        **BUSINESS,
    },
    targets=check,
    parallel=1,
    pace_s=PACE_S,
)
def post(event: Event, run: Run) -> str:
    """Post it once; the outcome is where it stands: channel, ts, and its thread's (a webhook tells none: `ok`)."""
    if "SLACK_BOT_TOKEN" not in run.settings:
        return post_to_webhook(event, run)
    earlier = run.earlier()
    known = [*(one.event for one in earlier if one.outcome), event]
    urgent = run.settings["SLACK_URGENT_CHANNEL"] if is_urgent(known) else ""
    try:
        return Channel(run, urgent or run.settings["SLACK_CHANNEL"]).tell(event, earlier)
    except SlackApiError as error:
        refused(error)
    except (OSError, HTTPException) as error:  # URLError is an OSError
        raise RetryLater(f"Slack did not answer ({type(error).__name__})") from error


def post_to_webhook(event: Event, run: Run) -> str:
    run.hold()
    body = json.dumps(of_event(event, run.settings)).encode()
    answer = send(
        "POST",
        run.settings["SLACK_WEBHOOK_URL"],
        content=body,
        headers={"Content-Type": "application/json"},
        allowed=allowed_hosts(run.settings["FORWARD_ALLOW_HOSTS"]),
    )
    if answer.status_code == 404:
        raise Pause("Slack knows no such webhook (404): SLACK_WEBHOOK_URL was deleted or is mistyped")
    check_status(answer.status_code, answer.headers, what="Slack's webhook")
    return "ok"
