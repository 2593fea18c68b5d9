"""Which language a page speaks: the one chosen on a page and remembered, or the business's."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Flask, Response, g, redirect, request
from flask.typing import ResponseReturnValue

from ..locales import Locale, localized
from .desk import desk
from .texts import LANGUAGES, say

COOKIE = "inboundflow-language"
REMEMBERED_S = 365 * 24 * 3600


def install(app: Flask) -> None:
    @app.before_request
    def choose() -> ResponseReturnValue | None:
        asked, kept = request.args.get("lang", ""), request.cookies.get(COOKIE, "")
        g.lang = next((code for code in (asked, kept, desk().own.language) if code in LANGUAGES), LANGUAGES[0])
        if asked in LANGUAGES and request.method == "GET":
            return redirect(address_without_language())
        return None

    @app.after_request
    def remember(response: Response) -> Response:
        if request.args.get("lang") in LANGUAGES:
            response.set_cookie(
                COOKIE, lang(), max_age=REMEMBERED_S, httponly=True, samesite="Lax", secure=request.is_secure
            )
        return response


def address_without_language() -> str:
    rest = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return request.script_root + request.path + (f"?{urlencode(rest)}" if rest else "")


def lang() -> str:
    return str(g.get("lang", LANGUAGES[0]))


def t(name: str, /, **values: object) -> str:
    """The text of that name in the language of this page."""
    return say(name, lang(), **values)


def said(text: str) -> str:
    """What another room says, in the language of this page and by the business's clock, where it can be."""
    return localized(text, Locale(language=lang(), zone=desk().zone))
