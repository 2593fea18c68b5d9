"""The pages on which a webhook is set up: Integraciones, Conectar, and the form with its two buttons."""

from __future__ import annotations

import random
import secrets
import sqlite3
from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import payloads, sender
from ..inboundflow import KINDS, InboundFlow
from ..payloads import EVENTS
from ..records import Connection, Refused
from ..schedule import SCHEDULES
from ..wire import Answer
from . import form as forms
from .form import Form
from .looking import found
from .outcomes import Outcome, outcome

SECRET_BYTES = 32  # as many as the signature's hash has; more would add nothing


def pages(flow: InboundFlow) -> Blueprint:
    bp = Blueprint("setup", __name__)

    @bp.get("/")
    def integrations() -> str:
        return render_template("integrations.html", kinds=KINDS, connections=flow.connections())

    @bp.route("/integrations/<kind>", methods=["GET", "POST"])
    def connect(kind: str) -> ResponseReturnValue:
        if kind not in KINDS:
            abort(404)
        taken = [one.name for one in flow.connections()]
        if request.method == "GET":
            return page(Form(name=forms.free_name(kind, taken)), kind)
        form = forms.read(request.form, EVENTS, taken)
        return pressed(flow, form, kind)

    @bp.route("/connections/<int(max=9223372036854775807):id>/settings", methods=["GET", "POST"])
    def edit(id: int) -> ResponseReturnValue:
        of = found(flow.connection, id)
        if request.method == "GET":
            return page(forms.of(of), of.kind, of)
        taken = [one.name for one in flow.connections() if one.id != id]
        return pressed(flow, forms.read(request.form, choices(of), taken), of.kind, of)

    return bp


def pressed(flow: InboundFlow, form: Form, kind: str, of: Connection | None = None) -> ResponseReturnValue:
    """One of the form's buttons was pressed."""
    action = request.form.get("press", "save")
    if action == "make-secret":
        made = replace(form, secret=secrets.token_hex(SECRET_BYTES), unsigned=False, errors={})
        return page(made, kind, of)
    if form.errors:
        return page(form, kind, of), 422
    if action == "test":
        return page(form, kind, of, tried(form, of))
    try:
        saved = save(flow, form, kind, of)
    except (Refused, sqlite3.IntegrityError):  # somebody took the name since we looked
        return page(replace(form, errors={"name": "error_name"}), kind, of), 422
    flash("saved")
    return redirect(url_for("activity.connection", id=saved.id), 303)


def save(flow: InboundFlow, form: Form, kind: str, of: Connection | None) -> Connection:
    if of is None:
        return flow.connect(kind=kind, **form.settings())
    return flow.edit(of.id, **form.settings(of.secret))


def tried(form: Form, of: Connection | None) -> Outcome:
    """Probar Webhook: a sample of the first chosen event, to what stands in the form. It is not counted."""
    payload = payloads.sample(random.Random(), form.events[0])
    secret = form.key(of.secret if of else "") or None
    answer: Answer = sender.deliver(form.url, payload, secret=secret)
    return outcome(answer.status, answer.failure, answer.latency_s, answer.body, signed=bool(secret))


def page(form: Form, kind: str, of: Connection | None = None, result: Outcome | None = None) -> str:
    return render_template(
        "form.html", form=form, kind=kind, of=of, result=result, choices=choices(of), schedules=SCHEDULES
    )


def choices(of: Connection | None) -> tuple[str, ...]:
    """The documented events, and what else this connection asks for already."""
    return tuple(dict.fromkeys((*EVENTS, *(of.events if of else ()))))
