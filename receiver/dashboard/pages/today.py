"""How the day goes, and whether everything arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from ... import operations
from ...operations import LISTED_DAYS, DayState, Filter, RefusedNow, Tally, Waiting
from ..charts import Chart, chart
from ..counting import board_now, count_calls
from ..desk import Desk, desk
from ..frame import has_page, show
from ..language import t
from ..rights import needs
from ..shown import number, short_day
from ..shown import today as this_day
from ..told import State, arrived, outcome, state
from .connection import LIVES, refused_now, refused_why

bp = Blueprint("today", __name__)

SHOWN = 5  # of the latest calls
TO_CALL = 3
MANY = 10  # calls; of fewer it is told when they lie between two numbers
FOR_S = 2.0
DAY_US = 86_400_000_000
OPENS, CLOSES = 8, 18  # the hours that a chart has at least
SENTENCES = {
    "need_you": "dead",
    "on_hold": "on_hold",
    "half_set": "half_set",
    "trying": "retrying",
    "on_the_way": "waiting",
    "all_good": "arrived",
    "nowhere": "kept",
    "no_calls": "kept",
}


@bp.get("/")
@needs("look")
def page() -> ResponseReturnValue:
    at = desk()
    day = day_asked()
    behind = count_calls(at)
    shown = at.cache.get(("today", day), FOR_S, lambda: look(at, day))
    calls = operations.calls_page(
        at.db, Filter(since_us=shown.start_us, until_us=shown.end_us), source=at.source, limit=SHOWN
    ).calls
    people, is_today = board_now(at), day == this_day()
    to_call = people.to_call if is_today else of_day(people.to_call, shown)
    refused = refused_now() if is_today else None
    return show(
        "today.html",
        every=10,
        behind=behind,
        day=day,
        is_today=is_today,
        now_us=at.db.now_us(),
        before=day - timedelta(days=1) if shown.tally.first and day > shown.tally.first else None,
        after=day + timedelta(days=1) if day < this_day() else None,
        refused=refused,
        sentence=refused_sentence(refused) if refused else sentence(shown.state),
        why=refused_why(refused) if refused else "",
        what_to_do=what_to_do(refused) if refused else "",
        places="" if refused else places(shown.state),
        last=operations.last_delivery(at.db, at.source),
        told=("off", "lives") if refused else (),
        tally=shown.tally,
        just_ended=people.just_ended if is_today else 0,
        waiting=to_call,
        to_call=to_call[:TO_CALL],
        is_listed=shown.end_us > at.db.now_us() - LISTED_DAYS * DAY_US,
        calls=[(call, outcome(call), arrived(call)) for call in calls],
        oldest=min((each.since_us for each in to_call), default=0),
        today_is=this_day,
        hours=hours_chart(shown.tally, at.db.now_us(), at),
        days=days_chart(shown.tally),
    )


@dataclass(frozen=True, kw_only=True)
class Day:
    tally: Tally
    state: DayState
    start_us: int
    end_us: int


def look(at: Desk, day: date) -> Day:
    now_us = at.db.now_us()
    tally = operations.tally(at.db, at.zone, day, now_us, source=at.source)
    start_us, end_us = operations.bounds(at.zone, day)
    state = operations.day_state(at.db, start_us, end_us, now_us, tally.calls, source=at.source)
    return Day(tally=tally, state=state, start_us=start_us, end_us=end_us)


def day_asked() -> date:
    """Today, or the one that the address names."""
    try:
        day = date.fromisoformat(request.args["day"]) if "day" in request.args else this_day()
    except ValueError:
        abort(404)
    if not date(1970, 1, 2) < day <= this_day():
        abort(404)
    return day


def of_day(people: Sequence[Waiting], day: Day) -> Sequence[Waiting]:
    """Who called on that day and waits still."""
    return [each for each in people if any(day.start_us <= call.at_us < day.end_us for call in each.calls)]


def refused_sentence(refused: RefusedNow) -> State:
    """Before everything else: what is turned away never gets as far as a destination."""
    return state("dead", t("alarm_off") if refused.lost >= LIVES else t("today_refused", n=refused.number))


def what_to_do(refused: RefusedNow) -> str:
    """Where that is told; once InboundFlow has stopped, there is more to do than to put the cause right."""
    is_off = refused.lost >= LIVES and has_page("help")
    return f"{page_url('help')}#off" if is_off else f"{page_url('connection')}#refused"


def sentence(day: DayState) -> State:
    place = desk().title(day.lane.handler) if day.lane else ""
    return state(SENTENCES[day.kind], t(f"today_{day.kind}", n=day.number, place=place))


def places(day: DayState) -> str:
    """Slack, Google Sheets and HubSpot: all 16 calls."""
    names = list(dict.fromkeys(desk().title(lane.handler) for lane in day.places))
    if not names:
        return ""
    *others, last = names
    listed = f"{', '.join(others)} {t('and')} {last}" if others else last
    return t("today_places", places=listed, n=day.number)


def hours_chart(tally: Tally, now_us: int, at: Desk) -> Chart:
    usual = tally.usual_hours
    busy = [hour for hour in range(24) if tally.hours[hour] or (usual and usual[hour])]
    first, last = min([OPENS, *busy]), max([CLOSES, *busy])
    hours = range(first, last + 1)
    most = max(hours, key=lambda hour: tally.hours[hour])
    described = t("today_most", hour=f"{most}:00", n=tally.hours[most]) if tally.calls else t("today_no_calls", n=0)
    if usual and tally.calls:
        described += f" {t('today_most_usual', usual=usual_number(usual[most]))}"
    now = datetime.fromtimestamp(now_us / 1e6, at.zone)
    return chart(
        "hours",
        t("today_by_hour"),
        described,
        [str(hour) for hour in hours],
        [tally.hours[hour] for hour in hours],
        [usual[hour] for hour in hours] if usual else None,
        later=now.hour + 1 - first if tally.day == now.date() else 10**6,
    )


def days_chart(tally: Tally) -> Chart:
    most = max(tally.days, key=lambda each: each[1])
    return chart(
        "days",
        t("today_days"),
        t("today_most_day", day=short_day(most[0]), n=most[1]),
        [str(day.day) for day, _ in tally.days],
        [calls for _, calls in tally.days],
        hrefs=[url_for("today.page", day=day.isoformat()) for day, _ in tally.days],
    )


@bp.app_template_filter()
def usual_number(value: float) -> str:
    """As people count: 4; of what lies between two numbers 4 or 5, and many are rounded."""
    if value >= MANY or value == int(value):
        return number(round(value))
    return t("today_or", few=number(int(value)), more=number(int(value) + 1))


@bp.app_template_global()
def usual_text(tally: Tally) -> str:
    """Beside the number of calls: what is usual by now."""
    if tally.usual is None:
        return ""
    name = "today_usual" if tally.day == this_day() else "today_usual_day"
    return t(name, usual=usual_number(tally.usual)) if tally.usual else t(f"{name}_none")


@bp.app_template_global()
def share_text(part: int, whole: int) -> str:
    """Of how many."""
    return t("today_of", n=whole) if part else ""


@bp.app_template_global()
def page_url(name: str) -> str:
    """ "" where there is no such page."""
    return url_for(f"{name}.page") if has_page(name) else ""
