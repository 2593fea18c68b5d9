"""Whom to call back now: the list that somebody works through all day."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from ... import operations
from ...errors import OperationError
from ...operations import LISTED_DAYS, NAME_CHARS, WAYS, Board, Database, Marked, Waiting
from ..counting import FOR_S, board_now, count_calls
from ..desk import desk
from ..frame import is_live, show
from ..language import t
from ..rights import needs
from ..sessions import me
from ..shown import age, clean, local, span, when
from ..told import name_of, number_of, sees_numbers

bp = Blueprint("callbacks", __name__)

TABS = ("to_call", "tried", "leads", "done")
ROWS = 50
AMBER_S, RED_S = 3600, 4 * 3600  # of hours in which somebody could have called
OPENS, CLOSES = 8, 20


def badge(db: Database) -> int:
    """As the page shows it, where this is that page."""
    board: Board = desk().cache.get("board", FOR_S, lambda: operations.board(db, source=desk().source))
    return len(board.to_call)


@bp.get("/callbacks")
@needs("look")
def page() -> ResponseReturnValue:
    return shown()


@bp.post("/callbacks")
@needs("call back")
def mark() -> ResponseReturnValue:
    call_id, way = request.form.get("id", ""), request.form.get("way", "")
    if way not in WAYS:
        return shown(open_id=call_id, error=t("cb_choose"))
    text, seen = clean(request.form.get("note"), 500), request.form.get("seen", "")
    number = int(seen) if seen.isascii() and seen.isdigit() else 0
    result = operations.mark(desk().db, call_id, way, text, me().by, seen=number, source=desk().source)
    desk().cache.forget()
    say(call_id, way, result)
    session["next"] = request.form.get("next", "")
    return redirect(here(), 303)


@bp.post("/callbacks/undo")
@needs("call back")
def undo() -> ResponseReturnValue:
    call_id, number = request.form.get("id", ""), request.form.get("mark", "")
    if not number.isdigit() or len(number) > 18:
        raise OperationError("There is no such mark.")
    if operations.undo(desk().db, call_id, int(number), me().by, source=desk().source):
        row = operations.one_call(desk().db, call_id, source=desk().source).row
        flash(t("cb_undone", name=name_of(row)))
    desk().cache.forget()
    return redirect(here(), 303)


@bp.post("/callbacks/numbers")
@needs("see numbers")
def numbers() -> ResponseReturnValue:
    """All numbers until this session ends, or none again."""
    show_all = request.form.get("show") == "1"
    if show_all:
        operations.note_look(desk().db, me().by, "saw-numbers", {"all": True}, source=desk().source)
    session["numbers"] = show_all
    return redirect(here(), 303)


@bp.post("/callbacks/number")
@needs("see numbers")
def number() -> ResponseReturnValue:
    """One number, for this once."""
    call_id = request.form.get("id", "")
    operations.one_call(desk().db, call_id, source=desk().source)
    operations.note_look(desk().db, me().by, "saw-number", {"call": call_id}, source=desk().source)
    return shown(number_id=call_id)


@bp.post("/callbacks/name")
@needs("call back")
def name() -> ResponseReturnValue:
    """Somebody else sits down at the same desk; one who has a password of their own signs in instead."""
    called = clean(request.form.get("name"), NAME_CHARS)
    if called and not me().row.person and not operations.person_named(desk().db, called):
        operations.keep_session(desk().db, me().row.id, None, name=called)
    return redirect(here(), 303)


def shown(*, open_id: str = "", error: str = "", number_id: str = "") -> ResponseReturnValue:
    at = desk()
    behind = count_calls(at)
    board = board_now(at)
    tab = tab_asked()
    rows = list(getattr(board, tab))
    wait_s = at.cache.get("usual wait", 60, lambda: operations.usual_wait_s(at.db, source=at.source))
    details = operations.with_details(at.db, [each.call for each in rows[:ROWS]], at.source)
    return show(
        "callbacks.html",
        every=10,
        behind=behind,
        tab=tab,
        tabs=[(name, len(getattr(board, name))) for name in TABS],
        rows=list(zip(rows[:ROWS], details, strict=True)),
        more=board.more or len(rows) > ROWS,
        just_ended=board.just_ended,
        is_first=is_first(board),
        open_id=open_id,
        error=error,
        number_id=number_id,
        ways=WAYS,
        sees_numbers=sees_numbers(),
        within=span(wait_s) if wait_s else "",
        days=LISTED_DAYS,
        name_of=name_of,
        number_of=number_of,
        lateness=lateness,
        again_text=again_text,
        saved=None if is_live() else session.pop("saved", None),
        focus=None if is_live() else session.pop("next", None),
        is_live=is_live(),
    )


def tab_asked() -> str:
    asked = request.values.get("tab", "")
    return asked if asked in TABS else TABS[0]


def here() -> str:
    tab = tab_asked()
    return url_for("callbacks.page", tab=None if tab == TABS[0] else tab)


def is_first(board: Board) -> bool:
    return not any(getattr(board, name) for name in TABS)


def say(call_id: str, way: str, result: Marked) -> None:
    """What was written, with a way to take it back; or who was first."""
    if result.taken:
        since = age(result.taken.at_us, "long")
        who = clean(result.taken.who, NAME_CHARS)
        is_now = since == t("age_now")
        flash(t("cb_taken_now", who=who) if is_now else t("cb_taken", who=who, age=since))
        return
    row = operations.one_call(desk().db, call_id, source=desk().source).row
    saved = t("cb_saved", name=name_of(row), way=t(f"cb_{way}"))
    session["saved"] = {"text": saved, "id": call_id, "mark": result.mark}


def lateness(each: Waiting) -> str:
    """wait or bad: how long somebody could have called and did not; "" for a while."""
    waited_s = open_seconds(local(each.since_us), local(desk().db.now_us()))
    return "bad" if waited_s >= RED_S else "wait" if waited_s >= AMBER_S else ""


def open_seconds(since: datetime, until: datetime) -> float:
    """Between two times, without the nights."""
    total, day = 0.0, since.replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(LISTED_DAYS + 1):
        opens, closes = day.replace(hour=OPENS), day.replace(hour=CLOSES)
        total += max(0.0, (min(until, closes) - max(since, opens)).total_seconds())
        day += timedelta(days=1)
    return total


def again_text(each: Waiting) -> str:
    """They have helped themselves."""
    if each.again is None:
        return ""
    return t("cb_self_booked" if each.again.booked else "cb_self_transferred", at=when(each.again.at_us))
