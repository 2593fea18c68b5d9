"""The messages of one call: the first says all that is known, those below it what is new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from receiver import Earlier, Event, Run
from receiver.toolkit import first_text, in_order, is_urgent, read_time, say, shown_title

from .message import Message, message_id
from .parts import clock, details
from .templates import html_of, text_of

NOT_URGENT = "no message: the call is not urgent"


def message(event: Event, run: Run) -> Message | None:
    """What the event adds to its call; None where only urgent calls are told, and this one is not, so far."""
    earlier = run.earlier() if event.call_id else ()
    if run.settings["EMAIL_CALLS"] == "urgent" and not is_urgent([*(other.event for other in earlier), event]):
        return None
    told, untold = split(earlier)
    news = in_order([event, *untold])
    urgent = is_urgent([*told, *news])
    begins = not told or (urgent and not is_urgent(told))  # an urgent call is not to hide below what is read already
    subject = subject_of(told[0] if told else event, run, urgent=urgent)
    parts = details(news, run.settings, told)
    title = " · ".join(dict.fromkeys(shown_title(each, run.settings["BUSINESS_LANGUAGE"]) for each in news))
    return Message(
        subject=subject if begins else f"Re: {subject}",
        text=text_of(title, [parts], run.settings),
        html=html_of(title, [parts], run.settings, urgent=urgent),
        thread=thread_of(event, run, urgent=urgent) if event.call_id else "",
        begins_thread=begins,
    )


def split(earlier: Sequence[Earlier]) -> tuple[list[Event], list[Event]]:
    """The events before this one: what was told, and what was not, as no message was sent by then."""
    events = [other.event for other in earlier]
    return (events, []) if any(other.outcome != NOT_URGENT for other in earlier) else ([], events)


def subject_of(first: Event, run: Run, *, urgent: bool) -> str:
    """Says when, and never who or why: subjects stand on locked screens."""
    language = run.settings["BUSINESS_LANGUAGE"]
    time = read_time(first_text([first], "started_at", "timestamp")[0])
    time = time or datetime.fromtimestamp(run.delivery.received_us / 1e6, UTC)
    return f"{say('Urgent call' if urgent else 'New call', language)}, {clock(time, run.settings)}"


def thread_of(event: Event, run: Run, *, urgent: bool) -> str:
    kind = "urgent-call" if urgent else "call"
    return message_id(kind, f"{run.delivery.source}\0{event.call_id}", run.settings)
