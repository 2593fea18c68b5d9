"""The summary of a day: each call once, with what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from receiver import Event, Run
from receiver.toolkit import in_order, is_urgent, say, shown_time

from .message import Message
from .parts import Details, details
from .templates import html_of, text_of

MOST = 100  # calls that are shown; Gmail shows about 100 KB of a message, and a link to the rest
SUMMARY_CHARS = 300
NOTHING = "no message: nothing to tell"


def summary(run: Run) -> Message | None:
    """What came since the summary before, urgent calls first; None for nothing."""
    language = run.settings["BUSINESS_LANGUAGE"]
    calls = sorted(by_call(run.day()), key=lambda call: not is_urgent(call))
    if not calls:
        return None
    title = f"{say('Calls of the day', language)}, {date_of(run)}: {len(calls)}"
    urgent = sum(is_urgent(call) for call in calls)
    if urgent:
        title += f" ({say('Urgent', language).lower()}: {urgent})"
    shown = [shortened(details(call, run.settings)) for call in calls[:MOST]]
    if len(calls) > MOST:
        shown.append(Details(who=f"+ {len(calls) - MOST} {say('more calls', language)}", fields=()))
    return Message(
        subject=title,
        text=text_of(title, shown, run.settings),
        html=html_of(title, shown, run.settings),
    )


def date_of(run: Run) -> str:
    """The business's day of the last call, so that it stays the same on each attempt."""
    last = datetime.fromtimestamp(run.delivery.received_us / 1e6, UTC)
    return shown_time(last.isoformat(), run.settings).partition(",")[0]


def shortened(call: Details) -> Details:
    summary = call.summary
    return call if len(summary) <= SUMMARY_CHARS else replace(call, summary=summary[: SUMMARY_CHARS - 1] + "…")


def by_call(events: Sequence[Event]) -> list[list[Event]]:
    """The events of each call together, in the order in which the calls came."""
    calls: dict[str, list[Event]] = {}
    for event in events:
        calls.setdefault(event.call_id or f"\0{event.delivery_id}", []).append(event)
    return [in_order(call) for call in calls.values()]
