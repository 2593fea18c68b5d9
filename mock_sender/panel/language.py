"""Which language the pages speak: the one chosen on a page and remembered, or the one it was started with."""

from __future__ import annotations

from flask import Flask, Response, g, request

from .texts import LANGUAGES, say

COOKIE = "mock_sender_lang"
REMEMBERED_S = 365 * 24 * 3600  # a year


def install(app: Flask, default: str) -> None:
    @app.before_request
    def choose() -> None:
        asked = request.args.get("lang", "")
        kept = request.cookies.get(COOKIE, "")
        g.lang = next((code for code in (asked, kept) if code in LANGUAGES), default)

    @app.after_request
    def remember(response: Response) -> Response:
        if request.args.get("lang") in LANGUAGES:
            response.set_cookie(COOKIE, g.lang, max_age=REMEMBERED_S, httponly=True, samesite="Lax")
        return response

    @app.context_processor
    def words() -> dict[str, object]:
        return {"t": t, "lang": lang(default), "languages": LANGUAGES}


def lang(default: str = LANGUAGES[0]) -> str:
    return str(g.get("lang", default))


def t(key: str, **values: object) -> str:
    """The text of that name in the language of this page."""
    return say(key, lang(), **values)
