"""What destinations, and what they met, are called on the pages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..operations import Activation, Lane, Reason, shown_url
from .desk import desk
from .language import lang, t
from .shown import clean
from .texts import all_texts, say

HOST = re.compile(r"https?://([^/ ]+)")
REFUSED = "refused-"
HANDLERS_FOR_S = 60


def handlers() -> Sequence[Activation]:
    """Every handler under the variables of this process."""
    return desk().cache.get("handlers", HANDLERS_FOR_S, desk().activations)


def place_name(lane: Lane) -> str:
    """Slack; of several addresses with the address's host."""
    title = desk().title(lane.handler)
    return f"{title} ({host(lane) or lane.target})" if lane.target else title


def host(lane: Lane) -> str:
    for each in handlers():
        if (each.source, each.handler.name) == (lane.source, lane.handler) and lane.target in each.targets:
            found = HOST.match(shown_url({"url": each.targets[lane.target].get("url", "")}))
            return found[1] if found else ""
    return ""


def asks(lane: Lane) -> bool:
    """Whether it is asked what is there, before anything is written again."""
    return any(each.asks(lane.target) for each in handlers() if each.state == "on" and lane in each.lanes())


def reason_words(reason: Reason, place: str) -> str:
    """In our words; "" where only what was said tells."""
    if reason.slug.startswith(REFUSED):
        return say("reason_refused", lang(), place=place, status=reason.slug.removeprefix(REFUSED))
    name = f"reason_{reason.slug.replace('-', '_')}"
    return say(name, lang(), place=place) if reason.slug and name in all_texts() else ""


def reason_said(reason: Reason) -> str:
    """What was said, in its own language."""
    return clean(reason.said or reason.slug, 200)


def event_name(event: str) -> str:
    if event == "other":
        return t("problems_event_other")
    name = f"event_{event.replace('.', '_')}"
    return t(name) if name in all_texts() else event
