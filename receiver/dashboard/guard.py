"""Lets only this dashboard's own pages, under its own name, use it, and tells browsers what they may do with a page."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from ..settings import is_loopback
from .desk import desk
from .errors import refuse
from .rights import is_public, may, right_of
from .sessions import SignedIn, is_away

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser would send `Origin: null` from our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
HSTS = "max-age=31536000"
SAFE = ("GET", "HEAD", "OPTIONS")
PROXY_HEADERS = ("X-Forwarded-Proto", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded")


def install(app: Flask, keep_form: Callable[[], ResponseReturnValue]) -> None:
    """`keep_form` answers a form that was sent by somebody whose session has ended meanwhile."""
    csrf = CSRFProtect()
    app.config |= {"WTF_CSRF_CHECK_DEFAULT": False, "WTF_CSRF_TIME_LIMIT": None, "WTF_CSRF_SSL_STRICT": False}
    csrf.init_app(app)  # the Origin is looked at below; a page may stay open all day

    @app.before_request
    def look() -> ResponseReturnValue | None:
        if not is_ours(request.host) or (request.method not in SAFE and not is_own_form()):
            return refuse("proxy" if is_unknown_proxy() else "forbidden")
        if is_away():
            return refuse("away")
        if not is_public():
            if not isinstance(session, SignedIn):
                return ask_to_sign_in(keep_form)
            if g.get("no_business"):
                return refuse("not_found")
            if not may(session.role_at(desk().source), right_of(request.endpoint)):
                return refuse("right")
        if request.method not in SAFE:
            csrf.protect()
        return None

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = HSTS
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def ask_to_sign_in(keep_form: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    if request.environ.get("inboundflow.live"):
        abort(401)
    if request.method not in SAFE:
        return keep_form()
    where = here()
    return redirect(url_for("sign_in.page", next=None if where == "/" else where))


def here() -> str:
    """The address that was asked for, with the business in it."""
    return request.script_root + request.full_path.rstrip("?")


def is_ours(host: str) -> bool:
    """Whether we were called by a name of ours: another site's may be made to lead to this machine (DNS rebinding)."""
    settings = desk().settings
    if settings.forwarded_hops or not is_loopback(settings.host):
        return True
    return is_loopback(host_of(host))


def is_unknown_proxy() -> bool:
    """Whether what came may well be ours, by a proxy of which the settings say nothing: then it is not believed."""
    return not desk().settings.forwarded_hops and any(request.headers.get(name) for name in PROXY_HEADERS)


def host_of(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def is_own_form() -> bool:
    """Whether the browser says that a page of ours sent this form. Every browser says it one way or the other."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is None:
        return False
    return site in (None, "same-origin") and origin in (None, f"{request.scheme}://{request.host}")
