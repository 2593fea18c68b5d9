"""Sends each delivery on to any URL, signed anew. Recipe: recipes/forward.md.

At least once: a URL cannot be asked whether it has a delivery already. Each repeat carries the same id and body.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from receiver import EVERY_EVENT, Event, Notice, Run, handles, notifies
from receiver.toolkit import (
    allowed_hosts,
    check_status,
    check_url,
    not_there,
    outcome_of,
    post_signed,
    send,
    url_targets,
)


@handles(
    *EVERY_EVENT,
    needs="FORWARD_URL",
    optional={"FORWARD_SIGNING_SECRET": "", "FORWARD_SIGNING_SECRET_PREVIOUS": "", "FORWARD_ALLOW_HOSTS": ""},
    targets=url_targets("FORWARD_URL", "FORWARD_SIGNING_SECRET"),
    asks=False,
    label="Webhook",
)
def forward(event: Event, run: Run) -> str:
    """Post the signed bytes unchanged; the outcome is the status that came back."""
    answer = post_signed(run)
    if answer.status_code == 404:
        raise not_there(run, "the URL answered 404", "start what should be there, or correct the URL")
    return outcome_of(answer, run, "the URL")


def alert_target(settings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    check_url(settings["ALERT_URL"], "ALERT_URL", allowed_hosts(settings["FORWARD_ALLOW_HOSTS"]))
    return {"": dict(settings)}


@notifies(needs="ALERT_URL", optional={"FORWARD_ALLOW_HOSTS": ""}, targets=alert_target)
def alert(notice: Notice, settings: Mapping[str, str]) -> str:
    """Post a notice as JSON. Recipe: recipes/monitor.md."""
    answer = send(
        "POST",
        settings["ALERT_URL"],
        content=json.dumps(asdict(notice) | {"text": notice.text}, ensure_ascii=False).encode(),
        headers={
            "Content-Type": "application/json",
            "User-Agent": "inboundflow-receiver",
            "Idempotency-Key": notice.key,
        },
        allowed=allowed_hosts(settings["FORWARD_ALLOW_HOSTS"]),
    )
    check_status(answer.status_code, answer.headers, what="ALERT_URL")
    return str(answer.status_code)
