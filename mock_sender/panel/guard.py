"""Lets only the panel's own pages, under its own name, use it: it has no password and knows signing secrets."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

from ..sender import is_loopback

ANYWHERE = ("0.0.0.0", "::")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser would send `Origin: null` from our own forms
}


def install(app: Flask, host: str) -> None:
    @app.before_request
    def look() -> None:
        if not (ours(request.headers.get("Host", ""), host) and (request.method == "GET" or own_form())):
            abort(403)

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"  # callers' names and numbers stay out of the disk's cache
        return response


def ours(called: str, host: str) -> bool:
    """Whether we were called by a name of ours; another site's name may be made to lead here (DNS rebinding)."""
    try:
        name = urlsplit(f"//{called}").hostname or ""
    except ValueError:
        return False
    if is_loopback(name) or name == host.lower():
        return True
    if host not in ANYWHERE:
        return False
    if name == socket.gethostname().lower():
        return True
    with suppress(ValueError):  # a number cannot be made to lead elsewhere
        return bool(ipaddress.ip_address(name))
    return False


def own_form() -> bool:
    """Whether the browser says that a page of ours sent this form. Every browser says it one way or the other."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is None:
        return False
    return site in (None, "same-origin") and origin in (None, f"{request.scheme}://{request.headers.get('Host')}")
