"""Sending again, resuming, and what is not needed any more: chosen, shown before anything changes, begun, stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ... import operations
from ...errors import NothingSelected, OperationError
from ...operations import COUNTING, READY, RUNNING, STOPPING, Job, Lane, Selection
from ..desk import desk
from ..frame import show
from ..language import said, t
from ..naming import asks, handlers, place_name
from ..rights import needs
from ..sessions import me

bp = Blueprint("jobs", __name__)

AT_WORK = (COUNTING, RUNNING, STOPPING)
REASONS = ("called_back", "wrong_number", "other")
REASON_CHARS = 200
STOP_S = 2  # then the worker goes on with it: who pressed the button waits for a page


@bp.post("/jobs")
@needs("repair")
def make() -> ResponseReturnValue:
    """Step 2: count what was chosen, and show it."""
    try:
        made = make_job(request.form)
    except OperationError as error:
        flash(t("job_not_chosen", why=objection_text(error)))
        return redirect(url_for("problems.page"), 303)
    return redirect(url_for("jobs.one", number=made.id), 303)


def objection_text(error: OperationError) -> str:
    return t("job_choose_more") if isinstance(error, NothingSelected) else said(error.args[0] if error.args else "")


def make_job(form: Mapping[str, str]) -> Job:
    db, by = desk().db, me().by
    if form.get("kind") == operations.RESUME:
        return operations.make_resume(db, lane_in(form), by=by)
    before = form.get("of", "")
    selection = job_of(int(before)).selection if before.isdigit() else select(form)
    selection = replace(selection, source=desk().source)  # one from the command line may be about all
    if form.get("kind") == operations.CANCEL:
        return operations.make_cancel(db, selection, "", by=by)
    return operations.make_replay(db, handlers(), selection, again=form.get("again") == "1", by=by)


def select(form: Mapping[str, str]) -> Selection:
    return operations.select(desk().db, source=desk().source, **criteria(form))


def criteria(form: Mapping[str, str]) -> dict[str, Any]:
    chosen: dict[str, Any] = {name: form.get(name, "").strip() for name in ("event", "handler", "error", "state")}
    chosen |= {name: in_zone(form.get(name, "")) for name in ("since", "until")}
    target = form.get("target") if "target" in form else None
    ids = form.get("deliveries", "").split()
    chosen["call_id"] = form.get("call", "")
    return chosen | {"target": target, "caller": form.get("caller", "").strip() or None, "names": ids}


def in_zone(text: str) -> str | None:
    """A time as a page's field has it, in the business's zone; what cannot be read is told as it was typed."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=desk().zone).isoformat() if text else None
    except ValueError:
        return text


def lane_in(form: Mapping[str, str]) -> Lane:
    return Lane(desk().source, form.get("handler", ""), form.get("target", ""))


def job_of(number: int) -> Job:
    """Raises NotFound for that of another business."""
    return operations.job(desk().db, number, source=desk().source)


@bp.get("/jobs/<int:number>")
@needs("look")
def one(number: int) -> ResponseReturnValue:
    return shown(job_of(number))


def shown(job: Job, error: str = "", seen: int | None = None) -> ResponseReturnValue:
    before = job.runs(operations.PLANNED) if seen is None else seen
    return show(
        "job.html",
        every=2 if job.state in AT_WORK else 0,
        job=job,
        error=error,
        changed=job.state == READY and (job.runs(operations.LEFT) > 0 or before != job.runs(operations.PLANNED)),
        pauses={pause.lane: pause for pause in operations.paused(desk().db)},
        waiting=operations.waiting_at(desk().db, lane_of(job)) if job.kind == operations.RESUME else 0,
        lane=lane_of(job) if job.kind == operations.RESUME else None,
        seconds=operations.seconds_at_pace(job, handlers()),
        place=place_name,
        asks=asks,
        key=key,
        twice=twice(job),
        reasons=REASONS,
        is_led=operations.is_led(desk().db),
        ops=operations,
    )


def lane_of(job: Job) -> Lane:
    return Lane(job.selection.source or "", job.selection.handler, job.selection.target or "")


def key(lane: Lane) -> str:
    return json.dumps(lane)


def twice(job: Job) -> dict[Lane, int]:
    """How many may arrive twice, where that has to be accepted."""
    found: dict[Lane, int] = {}
    for count in job.counts:
        if count.twice and count.state == operations.PLANNED:
            found[count.lane] = found.get(count.lane, 0) + count.runs
    return found


@bp.post("/jobs/<int:number>/start")
@needs("repair")
def start(number: int) -> ResponseReturnValue:
    """Step 3. Begun already, it is shown as it stands: a double click does nothing twice."""
    job = job_of(number)
    if job.state == READY and (error := objection(job)):
        return shown(job, error)
    seen = request.form.get("seen", type=int)
    begun = operations.start(desk().db, number, seen=seen, reason=reason(), by=me().by)
    desk().cache.forget()
    if begun.state == READY:
        return shown(begun, seen=seen)
    return redirect(url_for("jobs.one", number=number), 303)


def objection(job: Job) -> str:
    accepted = request.form.getlist("accept")
    if missing := [lane for lane in twice(job) if key(lane) not in accepted]:
        return t("job_accept_first", place=", ".join(map(place_name, missing)))
    if job.kind == operations.CANCEL and not reason():
        return t("job_reason_first")
    return ""


def reason() -> str:
    chosen = request.form.get("reason", "")
    words = request.form.get("words", "").strip()[:REASON_CHARS]
    if chosen == "other":
        return words
    return t(f"job_reason_{chosen}") if chosen in REASONS else ""


@bp.post("/jobs/<int:number>/stop")
@needs("repair")
def stop(number: int) -> ResponseReturnValue:
    operations.stop(desk().db, job_of(number).id, by=me().by, within_s=STOP_S)
    desk().cache.forget()
    return redirect(url_for("jobs.one", number=number), 303)


@bp.post("/jobs/<int:number>/continue")
@needs("repair")
def go_on(number: int) -> ResponseReturnValue:
    operations.go_on(desk().db, job_of(number).id, by=me().by)
    return redirect(url_for("jobs.one", number=number), 303)
