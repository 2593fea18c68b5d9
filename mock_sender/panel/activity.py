"""The pages of a connection that is there: how it stands, what it was sent, and the buttons that make things happen."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..book import LIVES
from ..inboundflow import InboundFlow
from ..records import Refused
from ..trouble import TROUBLES
from . import looking
from .business import TROUBLES_HERE, Business
from .looking import get_or_404

CALL = "call"  # in the place of an event: all four of a call
LETTERS = {"zapier": "Z", "make": "M", "n8n": "n", "custom": "W"}  # in the logos, in every language
ID = "<int(max=9223372036854775807):id>"  # what SQLite can count to


def pages(flow: InboundFlow, business: Business) -> Blueprint:
    bp = Blueprint("activity", __name__)

    @bp.app_context_processor
    def clocks() -> dict[str, object]:
        tells = {"clock": looking.clock, "zone": looking.zone, "moment": looking.moment}
        return {**tells, "LIVES": LIVES, "LETTERS": LETTERS}

    @bp.get(f"/connections/{ID}")
    def connection(id: int) -> str:
        return render_template(
            "connection.html", troubles=[TROUBLES[name] for name in TROUBLES_HERE], CALL=CALL, **state(id)
        )

    @bp.get(f"/connections/{ID}/live")
    def live(id: int) -> str:
        """The part of its page that changes by itself."""
        return render_template("_live.html", **state(id))

    def state(id: int) -> dict[str, object]:
        connection = get_or_404(flow.connection, id)
        return {"connection": connection, "deliveries": looking.listed(flow, id), "missed": looking.missed(flow, id)}

    @bp.post(f"/connections/{ID}/simulate")
    def simulate(id: int) -> ResponseReturnValue:
        connection = get_or_404(flow.connection, id)
        event, trouble = request.form.get("event", CALL), request.form.get("trouble", "")
        if event not in (CALL, *connection.events) or trouble not in ("", *TROUBLES_HERE):
            abort(400)
        names = [trouble] if trouble else []
        if event == CALL:
            business.call(names)
        else:
            business.event(event, names)
        return back(id)

    @bp.post(f"/connections/{ID}/test")
    def test(id: int) -> ResponseReturnValue:
        get_or_404(flow.test, id)
        return back(id)

    @bp.post(f"/connections/{ID}/reconnect")
    def reconnect(id: int) -> ResponseReturnValue:
        get_or_404(flow.reconnect, id)
        flash("reconnected")
        return back(id)

    @bp.post(f"/connections/{ID}/disconnect")
    def disconnect(id: int) -> ResponseReturnValue:
        get_or_404(flow.connection, id)
        flow.disconnect(id)
        flash("disconnected")
        return redirect(url_for("setup.integrations"), 303)

    @bp.get(f"/deliveries/{ID}")
    def delivery(id: int) -> str:
        delivery = get_or_404(flow.delivery, id)
        connection = get_or_404(flow.connection, delivery.connection_id)
        return render_template(
            "delivery.html", delivery=delivery, connection=connection, tries=looking.tries(flow, delivery)
        )

    @bp.post(f"/deliveries/{ID}/resend")
    def resend(id: int) -> ResponseReturnValue:
        get_or_404(flow.delivery, id)
        try:
            flow.resend(id)
        except Refused:  # it is disabled
            flash("resend_disabled")
        return redirect(url_for(".delivery", id=id), 303)

    def back(id: int) -> ResponseReturnValue:
        return redirect(url_for(".connection", id=id), 303)

    return bp
