"""Error reports by Sentry, where SENTRY_DSN says so: our mistakes, without anything that a caller said.

Its SDK takes along what it can get: requests, addresses that were called, local variables, the words of exceptions.
All of that is off, and what it makes is scrubbed again before it is sent.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration

from ..logs import FIELDS

AGAIN_S = 60.0  # the same mistake at every attempt is one report a minute
KNOWN = 200
KEPT = ("event_id", "timestamp", "level", "logger", "logentry", "exception", "fingerprint", "tags", "platform")
KEPT_TOO = ("environment", "release", "server_name", "sdk")
FRAME = ("filename", "abs_path", "function", "module", "lineno", "in_app")
MISTAKES = ("raised", "unrecordable", "overran")  # what attempts meet that no destination did


class Reports:
    """Of one process, after its fork."""

    def __init__(self, dsn: str) -> None:
        self.sent: dict[str, float] = {}
        logging.getLogger("sentry_sdk").setLevel(logging.CRITICAL)
        sentry_sdk.init(
            dsn=dsn,
            default_integrations=False,  # they patch threads, requests and Flask, and take along what these hold
            auto_enabling_integrations=False,
            integrations=[LoggingIntegration(level=None, event_level=logging.ERROR)],
            send_default_pii=False,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            auto_session_tracking=False,
            send_client_reports=False,
            before_send=scrubbed,  # type: ignore[arg-type]
        )

    def attempted(self, handler: str, failure: str, detail: str) -> None:
        """`detail` is an exception's kind and place (worker/attempt.py)."""
        if failure not in MISTAKES or not self.is_due(f"{handler} {detail}"):
            return
        sentry_sdk.capture_event(
            {
                "level": "error",
                "logger": "receiver.worker",
                "logentry": {"message": f"{handler}: {detail}"},
                "fingerprint": [handler, failure, detail],
                "tags": {"handler": handler, "failure": failure},
            }
        )

    def is_due(self, mistake: str) -> bool:
        now = time.monotonic()
        if now - self.sent.get(mistake, -AGAIN_S) < AGAIN_S or len(self.sent) > KNOWN:
            return False
        self.sent[mistake] = now
        return True

    def end(self, timeout_s: float = 1.0) -> None:
        sentry_sdk.flush(timeout=timeout_s)


def scrubbed(event: dict[str, Any], _hint: Mapping[str, Any]) -> dict[str, Any]:
    """What is known to be harmless, and nothing else: the next version of the SDK may take along more."""
    kept = {name: event[name] for name in (*KEPT, *KEPT_TOO) if name in event}
    fields = {name: event.get("extra", {}).get(name) for name in FIELDS}
    kept["tags"] = {name: value for name, value in fields.items() if value} | dict(event.get("tags") or {})
    if "exception" in event:
        kept["exception"] = {"values": [without_words(raised) for raised in event["exception"].get("values", ())]}
    return kept


def without_words(raised: Mapping[str, Any]) -> dict[str, Any]:
    """An exception's kind and places."""
    frames = (raised.get("stacktrace") or {}).get("frames", ())
    places = [{name: frame[name] for name in FRAME if name in frame} for frame in frames]
    return {"type": raised.get("type"), "module": raised.get("module"), "stacktrace": {"frames": places}}
