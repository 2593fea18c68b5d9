"""The dashboard, put together from its pages."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from .. import operations
from ..operations import Database
from ..settings import Settings
from . import businesses, errors, frame, guard, language
from .assets import Assets
from .desk import Desk
from .pages import page_modules
from .passwords import Door
from .sessions import Sessions
from .shown import FILTERS
from .sign_in import State, keep_form, sign_in_routes
from .texts import LANGUAGES, all_texts, say

FORM_BYTES = 64 * 1024
LIVE = "/live"

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def create_dashboard(settings: Settings, db: Database) -> Wsgi:
    """The pages of the inbox that `db` reads. Nothing is read before somebody looks."""
    hops = settings.forwarded_hops
    env = dict(os.environ)

    def handlers_of(source: str) -> Sequence[operations.Activation]:
        return operations.activations(operations.variables_of(db, settings, env, source), source)

    sources = operations.SourceSettings(db, settings)
    app = create_app(Desk(settings=settings, own=settings, db=db, sources=sources, handlers_of=handlers_of))
    return ProxyFix(live(app.wsgi_app), x_for=hops, x_proto=hops, x_host=hops)


def create_app(desk: Desk) -> Flask:
    app = Flask("receiver.dashboard", static_folder=None)
    app.config |= {"MAX_CONTENT_LENGTH": FORM_BYTES, "MAX_FORM_MEMORY_SIZE": FORM_BYTES}
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= FILTERS
    app.session_interface = Sessions()
    app.extensions["desk"] = desk
    assets, modules = Assets(), page_modules()
    businesses.install(app)
    language.install(app)
    guard.install(app, keep_form)
    frame.install(app, {name: m.badge for name, m in modules.items() if hasattr(m, "badge")}, assets.url)
    errors.install(app)
    app.register_blueprint(assets.routes())
    app.register_blueprint(sign_in_routes(State(Door(desk.settings.dashboard_password))))
    if desk.settings.single_sign_on:
        from .sso import sso_routes  # and Authlib with it

        app.register_blueprint(sso_routes(desk.settings.single_sign_on))
    for module in modules.values():
        app.register_blueprint(module.bp)
    all_texts()
    return app


def live(app: Wsgi) -> Wsgi:
    """`/live/…` is the page at `/…`, drawn again for somebody who looks at it; `/b/NAME/…` is that of a business."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(f"{LIVE}/"):
            environ["PATH_INFO"] = path[len(LIVE) :]
            environ["inboundflow.live"] = True
        businesses.take_from_path(environ)
        return app(environ, start_response)

    return serve


def busy_page() -> str:
    """For whom no place is left: nothing is looked up for it."""
    texts = "".join(
        f'<section lang="{lang}"><h1>{say("error_busy", lang)}</h1><p>{say("error_busy_why", lang)}</p></section>'
        for lang in LANGUAGES
    )
    css = Assets().url("dashboard.css")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>503</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{css}"></head><body><main class="narrow">{texts}</main></body></html>'
    )
