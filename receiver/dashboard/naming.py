"""What destinations, and what they met, are called on the pages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..operations import Activation, Held, Lane, Paused, detail_text, shown_url
from .desk import desk
from .language import lang, t
from .language import said as as_read
from .shown import clean
from .texts import all_texts, say

HOST = re.compile(r"https?://([^/ ]+)")
REFUSED = "refused-"
REFUSALS = {"401": "access", "403": "access", "404": "gone", "410": "gone", "429": "busy"}
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


def reason_words(slug: str, place: str) -> str:
    """What a try met (a slug of inbox/states.py), in a sentence for anybody; what was said stands below it."""
    if slug.startswith(REFUSED):
        status = slug.removeprefix(REFUSED)
        kind = "trouble" if status.startswith("5") else REFUSALS.get(status, "other")
        return say(f"reason_refused_{kind}", lang(), place=place, status=status)
    name = f"reason_{slug.replace('-', '_')}"
    return say(name if slug and name in all_texts() else "reason_other", lang(), place=place)


def reason_said(said: str, slug: str = "") -> str:
    """What was met, for whoever runs it: what a destination said is in its own language."""
    return clean(as_read(detail_text(said)) or slug, 300)


def pause_words(pause: Paused, place: str) -> str:
    """Why it is on hold: what somebody wrote, or that the destination refuses everything."""
    return t("pause_refused", place=place) if pause.settings_mark else clean(pause.reason, 400)


def pause_said(pause: Paused) -> str:
    return clean(pause.reason, 400) if pause.settings_mark else ""


def held_words(held: Held, place: str) -> str:
    """Why it is tried again by itself."""
    return t(f"held_{held.kind}", place=place)


def held_said(held: Held) -> str:
    return clean(held.reason, 300)


def event_name(event: str) -> str:
    if event == "other":
        return t("problems_event_other")
    name = f"event_{event.replace('.', '_')}"
    return t(name) if name in all_texts() else event
