"""What needs somebody, by destination and reason, and the buttons that put it right."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ... import operations
from ...operations import Database, Lane, Lives
from ..desk import desk
from ..frame import show
from ..language import said, t
from ..naming import (
    event_name,
    handlers,
    held_said,
    held_words,
    pause_said,
    pause_words,
    place_name,
    reason_said,
    reason_words,
)
from ..rights import needs
from ..sessions import me
from .connection import cure, lives_of, reason_text

bp = Blueprint("problems", __name__)

JOBS = 5  # the latest, below
EVENTS = ("call.completed", "call.transferred", "appointment.booked", "lead.created")


def badge(db: Database) -> int:
    half_set = sum(each.state == "misconfigured" for each in handlers())
    return operations.problems_number(db, source=desk().source) + half_set + bool(refusals(db))


def refusals(db: Database) -> Lives | None:
    """What InboundFlow's reports are turned away for, once that is no single trial."""
    lives = lives_of(db)
    return lives if lives and lives.lost >= operations.DEGRADED_FROM else None


@bp.get("/problems")
@needs("look")
def page() -> ResponseReturnValue:
    found = desk().cache.get("problems", 2, lambda: operations.problems(desk().db, handlers(), source=desk().source))
    return show(
        "problems.html",
        every=10,
        found=found,
        lives=refusals(desk().db),
        reason_text=reason_text,
        cure=cure,
        told=("lives", "off"),
        reports=reports,
        checks=operations.checks(desk().db),
        latest=operations.jobs(desk().db, source=desk().source, limit=JOBS),
        place=place_name,
        words=reason_words,
        said=reason_said,
        pause_words=pause_words,
        pause_said=pause_said,
        held_words=held_words,
        held_said=held_said,
        localized=said,
        destinations={each.handler.name: desk().title(each.handler.name) for each in handlers() if each.state == "on"},
        events={event: event_name(event) for event in EVENTS},
    )


def reports(runs: int, calls: int) -> str:
    """Beside a number of calls, where more reports than that are meant."""
    return f" ({t('problems_reports', n=runs)})" if runs != calls else ""


@bp.post("/problems/check")
@needs("repair")
def check() -> ResponseReturnValue:
    """Ask the destination; how that ended is shown on the page that is drawn again."""
    operations.begin_check(desk().db, handlers(), lane_of_form(), by=me().by)
    flash(t("check_begun", place=place_name(lane_of_form())))
    return redirect(back(), 303)


@bp.post("/problems/pause")
@needs("repair")
def pause() -> ResponseReturnValue:
    lane, reason = lane_of_form(), request.form.get("reason", "").strip()[:200]
    operations.pause_lanes(desk().db, [lane], reason or t("pause_by_hand"), by=me().by)
    desk().cache.forget()
    flash(t("paused_now", place=place_name(lane)))
    return redirect(back(), 303)


def lane_of_form() -> Lane:
    return Lane(desk().source, request.form.get("handler", ""), request.form.get("target", ""))


def back() -> str:
    return url_for("destinations.page" if request.form.get("back") == "destinations" else "problems.page")
