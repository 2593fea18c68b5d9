"""Every call, one row each, and the search."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from ... import operations
from ...operations import OUTCOMES, CallShown, Filter, TooShort
from ..counting import count_calls
from ..desk import desk
from ..frame import show
from ..language import t
from ..rights import needs
from ..shown import clean, day_of, local
from ..told import arrived, outcome

bp = Blueprint("calls", __name__)

WHEN = ("today", "yesterday", "week", "month")
PLACE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
SEARCHES = 10  # that a session keeps: what somebody searched for stands in no address
SEARCH_CHARS = 80
# The same words as beside a call: who was called back since is among those that were to be.
OUTCOME_TEXTS = {
    "booked": "call_booked",
    "transferred": "call_transferred",
    "lead": "call_lead",
    "wants": "calls_outcome_wants",
}


@bp.get("/calls")
@needs("look")
def page() -> ResponseReturnValue:
    at = desk()
    behind = count_calls(at)
    chosen, search = filter_asked(), search_asked()
    place = PLACE.fullmatch(request.args.get("before", ""))
    before = (int(place[1]), int(place[2])) if place else None
    try:
        found, short = operations.calls_page(at.db, chosen, before=before, source=at.source), False
    except TooShort:
        found, short = operations.calls_page(at.db, Filter(until_us=0), source=at.source), True
    return show(
        "calls.html",
        every=10 if not before else 0,
        behind=behind,
        groups=by_day(found.calls),
        older=address(before=f"{found.next[0]}-{found.next[1]}") if found.next else "",
        newest=address() if before else "",
        first=day_of(found.first_us) if found.first_us else "",
        is_empty=found.first_us is None,
        short=short,
        search=search,
        when=when_asked(),
        outcome=outcome_asked(),
        whens=WHEN,
        outcomes={each: t(OUTCOME_TEXTS[each]) for each in OUTCOMES},
        chips=chips(search),
        several=t("calls_new", n=2).replace("2", "{n}"),
    )


@bp.post("/calls")
@needs("look")
def search() -> ResponseReturnValue:
    """Keeps what is searched for out of the address: proxies write addresses down, and it may be a name."""
    text = clean(request.form.get("q"), SEARCH_CHARS)
    values = {name: request.form[name] for name in ("when", "outcome") if request.form.get(name)}
    if not text:
        return redirect(url_for("calls.page", **values), 303)  # type: ignore[arg-type]
    searches: dict[str, str] = dict(session.get("searches", {}))
    number = str(max(map(int, searches), default=0) + 1)
    session["searches"] = dict(list({**searches, number: text}.items())[-SEARCHES:])
    return redirect(url_for("calls.page", s=number, **values), 303)  # type: ignore[arg-type]


def search_asked() -> str:
    searches: dict[str, str] = session.get("searches", {})
    return searches.get(request.args.get("s", ""), "")


def when_asked() -> str:
    asked = request.args.get("when", "")
    return asked if asked in WHEN else ""


def outcome_asked() -> str:
    asked = request.args.get("outcome", "")
    return asked if asked in OUTCOMES else ""


def filter_asked() -> Filter:
    at = desk()
    today = local(at.db.now_us()).date()
    days = {
        "today": (today, today),
        "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
        "week": (today - timedelta(days=6), today),
        "month": (today - timedelta(days=29), today),
    }
    bounds: dict[str, int] = {}
    if asked := when_asked():
        first, last = days[asked]
        bounds = {
            "since_us": operations.bounds(at.zone, first)[0],
            "until_us": operations.bounds(at.zone, last)[1] if last != today else 2**62,
        }
    return Filter(outcome=outcome_asked(), search=search_asked(), **bounds)


def address(**changes: str) -> str:
    """This list, with another place in it or one filter less."""
    values = {name: request.args[name] for name in ("s", "when", "outcome") if request.args.get(name)}
    kept = {name: value for name, value in {**values, **changes}.items() if value}
    return url_for("calls.page", **kept)  # type: ignore[arg-type]


def chips(search: str) -> list[tuple[str, str]]:
    """What is applied, each with the address of the list without it."""
    applied = [("s", search), ("when", when_asked() and t(f"calls_when_{when_asked()}"))]
    applied.append(("outcome", outcome_asked() and t(OUTCOME_TEXTS[outcome_asked()])))
    return [(text, address(**{name: ""})) for name, text in applied if text]


def by_day(calls: tuple[CallShown, ...]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    wanting = [call.row.call_id for call in calls if call.row.wants]
    made = operations.marks_of(desk().db, wanting, desk().source) if wanting else {}
    for call in calls:
        is_called = any(mark.what in operations.WAYS for mark in made.get(call.row.call_id, ()))
        line = {
            "call": call,
            "outcome": outcome(call, called_back=is_called),
            "state": arrived(call),
        }
        groups.setdefault(day_of(call.row.at_us), []).append(line)
    return list(groups.items())
