"""A call in the words of the pages: who, what came of it, and where it went."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from flask import session

from ..operations import STANDINGS, UNARRIVED, CallRow, CallShown, Heard, standing_text
from .desk import desk
from .language import said, t
from .rights import may
from .sessions import me
from .shown import clean, clock, day, local, phone, short_day, today

NAME_CHARS, LINE_CHARS = 80, 120
SYMBOLS = {
    "dead": "⚠",
    "on_hold": "‖",
    "half_set": "‖",
    "retrying": "⟳",
    "waiting": "…",
    "arrived": "✓",
    "skipped": "–",
    "kept": "–",
}
KINDS = {
    "dead": "bad",
    "on_hold": "wait",
    "half_set": "wait",
    "retrying": "wait",
    "waiting": "quiet",
    "arrived": "ok",
    "skipped": "quiet",
    "kept": "quiet",
    "erased": "quiet",
}


@dataclass(frozen=True, kw_only=True)
class State:
    """`kind` is a colour, `symbol` a shape, and the words say it too."""

    kind: str
    symbol: str
    text: str


def state(standing: str, text: str = "") -> State:
    """With the word for it, where there is nothing more to say."""
    return State(kind=KINDS[standing], symbol=SYMBOLS.get(standing, "–"), text=text or word(standing))


def word(standing: str) -> str:
    """The one word for how something stands, as it begins a line."""
    text = said(standing_text(standing))
    return text[:1].upper() + text[1:]


def at_place(standing: str, place: str) -> State:
    """Slack: on hold"""
    return state(standing, f"{place}: {said(standing_text(standing))}")


def name_of(row: CallRow) -> str:
    return clean(row.caller_name, NAME_CHARS) or t("unknown_caller")


def number_of(row: CallRow, *, shown: str = "") -> str:
    """Masked, unless whoever looks has asked for whole numbers, or for that of this call."""
    return phone(row.phone, whole=sees_numbers() or shown == row.call_id)


def sees_numbers() -> bool:
    return bool(session.get("numbers")) and may(me().role_at(desk().source), "see numbers")


def outcome(call: CallShown, *, called_back: bool = False) -> str:
    """Booked · Thu 9:00 · cleaning"""
    row, heard = call.row, call.heard
    if row.booked:
        matter = clean(heard.matter, 60) if heard else ""
        return " · ".join(filter(None, [t("call_booked"), appointment(heard), matter]))
    if row.transferred:
        label = clean(heard.transferred_to, 60) if heard else ""
        return t("call_transferred_to", label=label) if label else t("call_transferred")
    if row.lead:
        matter = clean(heard.matter, 60) if heard else ""
        return " · ".join(filter(None, [t("call_lead"), matter]))
    if row.wants:
        return t("call_called_back") if called_back else t("call_wants")
    return t("call_running")


def appointment(heard: Heard | None) -> str:
    """When: Thu 9:00, or the day; with the month where it is not in the next week."""
    if heard is None or not (heard.start_us or heard.day):
        return ""
    if heard.start_us is None:
        return short_day(heard.day) if heard.day else ""
    return f"{near_day(local(heard.start_us))} {clock(heard.start_us)}"


def near_day(moment: datetime) -> str:
    days = (moment.date() - today()).days
    return day(moment.date(), "weekday") if 0 <= days < 7 else short_day(moment.date())


def arrived(call: CallShown) -> State:
    """One mark for all the places of a call, the worst of them."""
    if not call.places:
        return state("waiting" if call.is_new else "kept")
    standing = min(call.places.values(), key=STANDINGS.index)
    if standing not in UNARRIVED:
        return state(standing)
    first, *others = sorted({desk().title(lane.handler) for lane, each in call.places.items() if each == standing})
    told = at_place(standing, first)
    return replace(told, text=f"{told.text} {t('banner_more', n=len(others))}") if others else told
