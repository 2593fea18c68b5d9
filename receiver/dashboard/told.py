"""A call in the words of the pages: who, what came of it, and where it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import session

from ..operations import CallRow, CallShown, Heard, Lane
from .desk import desk
from .language import t
from .rights import may
from .sessions import me
from .shown import clean, clock, day, local, phone, short_day, today

NAME_CHARS, LINE_CHARS = 80, 120
SYMBOLS = {"dead": "⚠", "on_hold": "‖", "retrying": "⟳", "waiting": "…", "succeeded": "✓", "skipped": "–", "none": "…"}
KINDS = {
    "dead": "bad",
    "on_hold": "wait",
    "retrying": "wait",
    "waiting": "quiet",
    "succeeded": "ok",
    "skipped": "quiet",
    "none": "quiet",
}
WORST = ("dead", "on_hold", "retrying", "waiting")


@dataclass(frozen=True, kw_only=True)
class State:
    """`kind` is a colour, `symbol` a shape, and the words say it too."""

    kind: str
    symbol: str
    text: str


def state(name: str, text: str) -> State:
    return State(kind=KINDS[name], symbol=SYMBOLS[name], text=text)


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


def arrived(places: Mapping[Lane, str], *, is_new: bool = False) -> State:
    """One mark for all the places of a call, the worst of them."""
    states = {lane: name for lane, name in places.items() if name != "skipped"}
    for name in WORST:
        lanes = sorted({desk().title(lane.handler) for lane, each in states.items() if each == name})
        if lanes:
            more = len(lanes) - 1
            return state(name, t(f"call_at_{name}", place=lanes[0]) + (f" {t('banner_more', n=more)}" if more else ""))
    if states:
        return state("succeeded", t("call_arrived"))
    return state("none", t("call_at_none" if is_new else "call_kept"))
