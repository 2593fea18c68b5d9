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
from .looking import get_or_404
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
        taken = [connection.name for connection in flow.connections()]
        if request.method == "GET":
            return page(Form(name=forms.free_name(kind, taken)), kind)
        form = forms.read(request.form, EVENTS, taken)
        return pressed(flow, form, kind)

    @bp.route("/connections/<int(max=9223372036854775807):id>/settings", methods=["GET", "POST"])
    def edit(id: int) -> ResponseReturnValue:
        connection = get_or_404(flow.connection, id)
        if request.method == "GET":
            return page(forms.from_connection(connection), connection.kind, connection)
        taken = [connection.name for connection in flow.connections() if connection.id != id]
        return pressed(flow, forms.read(request.form, choices(connection), taken), connection.kind, connection)

    return bp


def pressed(flow: InboundFlow, form: Form, kind: str, connection: Connection | None = None) -> ResponseReturnValue:
    """One of the form's buttons was pressed."""
    action = request.form.get("press", "save")
    if action == "make-secret":
        made = replace(form, secret=secrets.token_hex(SECRET_BYTES), unsigned=False, errors={})
        return page(made, kind, connection)
    if form.errors:
        return page(form, kind, connection), 422
    if action == "test":
        return page(form, kind, connection, tried(form, connection))
    try:
        saved = save(flow, form, kind, connection)
    except (Refused, sqlite3.IntegrityError):  # somebody took the name since we looked
        return page(replace(form, errors={"name": "error_name"}), kind, connection), 422
    flash("saved")
    return redirect(url_for("activity.connection", id=saved.id), 303)


def save(flow: InboundFlow, form: Form, kind: str, connection: Connection | None) -> Connection:
    if connection is None:
        return flow.connect(kind=kind, **form.settings())
    return flow.edit(connection.id, **form.settings(connection.secret))


def tried(form: Form, connection: Connection | None) -> Outcome:
    """Probar Webhook: a sample of the first chosen event, to what stands in the form. It is not counted."""
    payload = payloads.sample(random.Random(), form.events[0])
    secret = form.key(connection.secret if connection else "") or None
    answer: Answer = sender.deliver(form.url, payload, secret=secret)
    return outcome(answer.status, answer.failure, answer.latency_s, answer.body, signed=bool(secret))


def page(form: Form, kind: str, connection: Connection | None = None, result: Outcome | None = None) -> str:
    return render_template(
        "form.html",
        form=form,
        kind=kind,
        connection=connection,
        result=result,
        choices=choices(connection),
        schedules=SCHEDULES,
    )


def choices(connection: Connection | None) -> tuple[str, ...]:
    """The documented events, and what else this connection asks for already."""
    return tuple(dict.fromkeys((*EVENTS, *(connection.events if connection else ()))))
