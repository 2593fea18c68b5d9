"""Puts the panel together from its pages."""

from __future__ import annotations

import secrets

from flask import Flask, render_template
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException

from ..inboundflow import InboundFlow
from . import activity, guard, language, setup
from .business import Business

FORM_BYTES = 64 * 1024  # no form here comes near it
TITLES = {403: "forbidden", 404: "not_found"}


def create_app(flow: InboundFlow, business: Business, *, lang: str = "es", host: str = "127.0.0.1") -> Flask:
    """`host` is the address it listens on; no page is given to whoever calls it by another name."""
    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=FORM_BYTES,
        SECRET_KEY=secrets.token_bytes(32),  # signs what the next page has to say, and nothing that must last
        SESSION_COOKIE_NAME="mock_sender_panel",  # cookies of one machine are shared by all its ports
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.jinja_env.undefined = StrictUndefined
    guard.install(app, host)
    language.install(app, lang)
    app.register_blueprint(setup.pages(flow))
    app.register_blueprint(activity.pages(flow, business))
    app.register_error_handler(HTTPException, refused)
    return app


def refused(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    return render_template("error.html", code=code, kind=TITLES.get(code, "trouble")), code
