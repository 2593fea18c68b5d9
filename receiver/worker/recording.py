"""How attempts ended, written down: repeated while the database is in trouble, plainly where it refuses the words."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..errors import StoreUnavailable
from ..inbox import Attempts, Claim, End, Verdict, detail_text
from ..locales import Text, Texts
from ..logs import at, of_delivery
from ..registry import Lane
from ..settings import for_business
from ..store import FromNow
from .attempt import failed

log = logging.getLogger("receiver.worker")

RECORD_S = 60  # how long the end of an attempt is written again and again while the database is in trouble
RECORD_EVERY_S = 1
TEXTS = Texts({
    "paused": (
        "{handler} is paused: {reason} When it is fixed: {command}",
        "{handler} está en pausa: {reason} Cuando esté corregido: {command}",
    ),
    "delivery": ("delivery {key}", "entrega {key}"),
    "ended": ("{delivery} at {handler}: {state} ({detail})", "{delivery} en {handler}: {state} ({detail})"),
    "retrying": ("retrying", "se reintenta"),
    "dead": ("dead", "no llegó"),
})  # fmt: skip
KEY_CHARS = 15  # of a delivery's id in a log line: `receiver show` finds it by its beginning


def record(attempts: Attempts, ends: Sequence[End], owner: str, stop: threading.Event) -> list[End]:
    """The ends as they were written; without those of runs that others have taken over.

    What the database refuses is written again, each run for itself, as a failed attempt. Raises StoreUnavailable where
    the database is in trouble for so long, or once the worker is to stop.
    """
    try:
        written = insist(attempts, ends, owner, stop)
        return [(claim, written[claim.id]) for claim, _ in ends if claim.id in written]
    except StoreUnavailable:
        raise
    except Exception as error:  # StoreError, or what the driver makes of a value that it cannot bind
        if len(ends) > 1:
            return [end for each in ends for end in record(attempts, [each], owner, stop)]
        [(claim, verdict)] = ends
        plain = refused(claim, verdict, error)
        return [(claim, plain)] if insist(attempts, [(claim, plain)], owner, stop) else []


def refused(claim: Claim, verdict: Verdict, error: Exception) -> Verdict:
    """A failed attempt, with nothing in it that the handler gave."""
    detail = f"the database refuses to keep how it ended ({verdict.result}): {type(error).__name__}"
    plain = failed(detail, claim.failures, "unrecordable")
    return replace(plain, state="dead", delay_us=0, cooldown_us=0) if verdict.state == "dead" else plain


def insist(attempts: Attempts, ends: Sequence[End], owner: str, stop: threading.Event) -> dict[int, Verdict]:
    deadline = time.monotonic() + RECORD_S
    while True:
        try:
            return attempts.finish(ends, owner, FromNow())
        except StoreUnavailable:
            if time.monotonic() > deadline or stop.wait(RECORD_EVERY_S):
                raise


def delivery_of(claim: Claim) -> Text:
    """What a log line calls it."""
    return TEXTS("delivery", key=at(claim.delivery.key[:KEY_CHARS], claim.delivery.source))


def about(claim: Claim, handler: str, **fields: object) -> Mapping[str, object]:
    """What a line of the log is about."""
    delivery, of_run = claim.delivery, {"handler": handler, "run": claim.id, "attempt": claim.attempt}
    return of_delivery(delivery.key, delivery.call_id, source=delivery.source, **of_run, **fields)


def log_verdict(handler: str, claim: Claim, verdict: Verdict) -> None:
    if verdict.state in ("retrying", "dead"):
        extra = about(claim, handler, state=verdict.state, failure=verdict.failure)
        detail = detail_text(verdict.detail)
        line = TEXTS("ended", delivery=delivery_of(claim), handler=handler, state=TEXTS(verdict.state), detail=detail)
        log.warning("%s", for_business(line), extra=extra)


def log_pause(lane: Lane, verdict: Verdict) -> None:
    reason = verdict.detail if verdict.detail.endswith(("?", ".")) else f"{verdict.detail}."
    extra = {**lane._asdict(), "failure": verdict.failure}
    paused = TEXTS("paused", handler=at(lane.handler, lane.source), reason=reason, command=how_to_resume(lane))
    log.error("%s", for_business(paused), extra=extra)


def how_to_resume(lane: Lane) -> str:
    source = f"--source {lane.source}" if lane.source else ""  # without it those of all sources are resumed
    receiver = os.environ.get("INBOUNDFLOW_CALLED_AS") or "receiver"
    return " ".join(filter(None, [receiver, "resume", lane.handler, lane.target, source]))
