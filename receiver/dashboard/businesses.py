"""Which business the pages show: the one that the address names, `/b/NAME/…`, else the one of the environment.

Whoever may see several chooses one in the frame; it is remembered, and the plain address leads there from then on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from .desk import Desk, base_desk, desk
from .rights import SIGNED_IN, is_public, needs, right_of
from .sessions import SignedIn, me

PREFIX = "/b/"
ADDRESS = re.compile(r"/b/([a-z0-9-]{1,63})(?=/|$)")
NAMED = "inboundflow.business"  # in the environment of a request: the one that its address names
CHOSEN = "business"  # in the session
SAFE = ("GET", "HEAD")


@dataclass(frozen=True, kw_only=True)
class Choice:
    name: str
    title: str
    is_here: bool


def take_from_path(environ: dict[str, Any]) -> None:
    """What the address names goes to the front of every address that a page makes."""
    if found := ADDRESS.match(environ.get("PATH_INFO", "")):
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + found[0]
        environ["PATH_INFO"] = environ["PATH_INFO"][found.end() :] or "/"
        environ[NAMED] = found[1]


def install(app: Flask) -> None:
    """Before anything else looks at the desk."""

    @app.before_request
    def look() -> ResponseReturnValue | None:
        if not isinstance(session, SignedIn) or is_public() or right_of(request.endpoint) == SIGNED_IN:
            return None
        named = request.environ.get(NAMED)
        if named is None and (home := way_home()) is not None:
            return redirect(home)
        source = named or ""
        if not is_one(source) or not me().role_at(source):
            g.no_business = g.is_plain = True  # the guard says that there is none
            return None
        g.desk = base_desk().at(source)
        if named is not None and session.get(CHOSEN) != source and not request.environ.get("inboundflow.live"):
            session[CHOSEN] = source
        return None

    app.register_blueprint(routes())


def routes() -> Blueprint:
    bp = Blueprint("businesses", __name__)

    @bp.post("/business")
    @needs(SIGNED_IN)
    def choose() -> ResponseReturnValue:
        """The same page of another business, where that has no more in its address than its name."""
        name, page = request.form.get("name", ""), f"{request.form.get('page', '')}.page"
        if name not in names(base_desk()):
            abort(404)
        session[CHOSEN] = name
        path = url_for(page if page in current_app.view_functions else "today.page")
        return redirect(address_of(name, path.removeprefix(request.script_root)), 303)

    return bp


def way_home() -> str | None:
    """Where the plain address leads whoever has chosen another business, or may not see that of the environment."""
    if request.method not in SAFE:
        return None
    offered = names(base_desk())
    home = session.get(CHOSEN) if session.get(CHOSEN) in offered else next(iter(offered), None)
    if home and (request.path == "/" or not me().role_at("")):
        query = f"?{request.query_string.decode(errors='replace')}" if request.query_string else ""
        return address_of(home, request.path) + query
    return None


def address_of(name: str, path: str) -> str:
    return f"{PREFIX}{name}{path}" if name else path


def is_one(source: str) -> bool:
    return not source or source in base_desk().sources.named()


def names(at: Desk) -> list[str]:
    """Those that whoever is signed in may see. That of the environment where it receives, or there is no other."""
    others = list(at.sources.named())
    has_own = at.settings.has_business or not others
    return [name for name in [""] * has_own + others if me().role_at(name)]


def choices() -> list[Choice]:
    """For the frame; none where there is nothing to choose."""
    if not isinstance(session, SignedIn) or g.get("is_plain", False):
        return []
    at, here = base_desk(), desk().source
    offered = names(at)
    if len(offered) < 2 and here in offered:
        return []
    every = {"": at.settings, **at.sources.named()}
    return [
        Choice(name=name, title=every[name].business or name or request.host, is_here=name == here)
        for name in offered
        if name in every
    ]
