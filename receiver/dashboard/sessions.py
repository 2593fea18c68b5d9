"""Flask's session over the table of sessions: only who has signed in has a row there.

Before that a signed cookie carries what the sign-in form needs.
"""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, Request, Response, g, request, session
from flask.sessions import NullSession, SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from werkzeug.datastructures import CallbackDict

from ..errors import StoreError
from ..operations import SEEN_EVERY_US, Actor, Session, find_session, keep_session, password_mark, secret_key
from .desk import desk

NAME = "inboundflow"
VISITOR = "inboundflow-visitor"
HOST_ONLY = "__Host-"  # a browser takes such a cookie only with Secure and Path=/, and from no subdomain


class SignedIn(CallbackDict[str, Any], SessionMixin):
    """The session of somebody who has signed in; what stands in it is kept in its row."""

    def __init__(self, row: Session) -> None:
        super().__init__(row.data, lambda _: setattr(self, "modified", True))
        self.row = row
        self.modified = False

    @property
    def name(self) -> str:
        return self.row.name

    def role_at(self, source: str) -> str:
        """ "" where nothing of this business may be seen."""
        return self.row.role_at(source)

    @property
    def by(self) -> Actor:
        return Actor(who=self.row.name, address=request.remote_addr or "", session=self.row.id)


class Away(NullSession):
    """Who it is cannot be known while the database is away."""


class Sessions(SecureCookieSessionInterface):
    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        try:
            if app.secret_key is None:
                app.secret_key = desk().settings.secret_key.value or secret_key(desk().db)
            token = request.cookies.get(cookie_name(request, NAME), "")
            row = find_session(desk().db, token, password_mark(desk().settings.dashboard_password)) if token else None
        except StoreError:
            return Away()
        return SignedIn(row) if row else super().open_session(app, request)  # type: ignore[return-value]

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if token := g.pop("token", None):
            set_cookie(response, token)
        if g.pop("signed_out", False):
            response.delete_cookie(cookie_name(request, NAME), path="/", secure=request.is_secure, httponly=True)
            return
        if not isinstance(session, SignedIn):
            super().save_session(app, session, response)
            return
        response.vary.add("Cookie")
        is_old = desk().db.now_us() - session.row.seen_us > SEEN_EVERY_US
        if session.modified or (is_old and not request.environ.get("inboundflow.live")):
            keep_session(desk().db, session.row.id, dict(session) if session.modified else None)

    def get_cookie_name(self, app: Flask) -> str:
        return cookie_name(request, VISITOR)

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure

    def get_cookie_samesite(self, app: Flask) -> str:
        return "Lax"

    def get_cookie_domain(self, app: Flask) -> None:
        return None

    def get_cookie_path(self, app: Flask) -> str:
        return "/"


def me() -> SignedIn:
    """Whoever is signed in; in a view that everybody may see, there may be nobody."""
    return cast(SignedIn, session)


def cookie_name(request: Request, name: str) -> str:
    return f"{HOST_ONLY}{name}" if request.is_secure else name


def set_cookie(response: Response, token: str) -> None:
    response.set_cookie(
        cookie_name(request, NAME), token, path="/", secure=request.is_secure, httponly=True, samesite="Lax"
    )


def is_away() -> bool:
    return isinstance(session._get_current_object(), Away)  # type: ignore[attr-defined]
